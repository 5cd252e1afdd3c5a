package aws

import (
	"encoding/json"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

const nativeBucket = "aws-native:s3:Bucket"

var subnetGroupNames = map[string]string{
	"dbSubnetGroupName":        "name",
	"dbSubnetGroupDescription": "description",
	"subnetIds":                "subnetIds",
	"tags":                     "",
}

// instanceNames maps the properties of AWS::RDS::DBInstance to their names in pulumi-aws. Properties
// with an empty name are ignored. Other properties are unknown, and then the resource keeps its
// type, which is unknown:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
var instanceNames = map[string]string{
	"allocatedStorage":                "allocatedStorage",
	"autoMinorVersionUpgrade":         "autoMinorVersionUpgrade",
	"availabilityZone":                "availabilityZone",
	"backupRetentionPeriod":           "backupRetentionPeriod",
	"caCertificateIdentifier":         "caCertIdentifier",
	"copyTagsToSnapshot":              "copyTagsToSnapshot",
	"dbInstanceClass":                 "instanceClass",
	"dbInstanceIdentifier":            "identifier",
	"dbName":                          "dbName",
	"dbParameterGroupName":            "parameterGroupName",
	"dbSnapshotIdentifier":            "snapshotIdentifier",
	"dbSubnetGroupName":               "dbSubnetGroupName",
	"deleteAutomatedBackups":          "deleteAutomatedBackups",
	"deletionProtection":              "deletionProtection",
	"enableCloudwatchLogsExports":     "enabledCloudwatchLogsExports",
	"enableIamDatabaseAuthentication": "iamDatabaseAuthenticationEnabled",
	"enablePerformanceInsights":       "performanceInsightsEnabled",
	"engine":                          "engine",
	"engineVersion":                   "engineVersion",
	"iops":                            "iops",
	"kmsKeyId":                        "kmsKeyId",
	"manageMasterUserPassword":        "manageMasterUserPassword",
	"masterUserPassword":              "password",
	"masterUsername":                  "username",
	"maxAllocatedStorage":             "maxAllocatedStorage",
	"monitoringInterval":              "monitoringInterval",
	"monitoringRoleArn":               "monitoringRoleArn",
	"multiAz":                         "multiAz",
	"optionGroupName":                 "optionGroupName",
	"performanceInsightsKmsKeyId":     "performanceInsightsKmsKeyId",
	"port":                            "port",
	"preferredBackupWindow":           "backupWindow",
	"preferredMaintenanceWindow":      "maintenanceWindow",
	"publiclyAccessible":              "publiclyAccessible",
	"sourceDbInstanceIdentifier":      "replicateSourceDb",
	"storageEncrypted":                "storageEncrypted",
	"storageType":                     "storageType",
	"tags":                            "",
	"vpcSecurityGroups":               "vpcSecurityGroupIds",
}

// renaming returns a translation that only renames properties.
func renaming(resourceType string, names map[string]string) func(property.Map) []Part {
	return func(inputs property.Map) []Part {
		fields, origins := map[string]property.Value{}, map[string]string{}
		for key, v := range inputs.All {
			name, known := names[key]
			if !known {
				return nil
			}
			if name != "" {
				fields[name], origins[name] = v, key
			}
		}
		return []Part{{Type: resourceType, Inputs: present(fields), Origins: origins}}
	}
}

// nativeParameterGroup converts the object of parameters to a list.
func nativeParameterGroup(inputs property.Map) []Part {
	parts := renaming(DBParameterGroup, map[string]string{
		"dbParameterGroupName": "name",
		"description":          "description",
		"family":               "family",
		"parameters":           "parameters",
		"tags":                 "",
	})(inputs)
	for i, part := range parts {
		v := part.Inputs.Get("parameters")
		if !v.IsMap() {
			continue
		}
		var list []property.Value
		for name, value := range v.AsMap().AllStable {
			list = append(
				list,
				object(map[string]property.Value{"name": property.New(name), "value": value}),
			)
		}
		parts[i].Inputs = part.Inputs.Set("parameters", property.New(list).WithSecret(v.Secret()))
	}
	return parts
}

// nativePolicyParts encodes the document as JSON, as in pulumi-aws.
func nativePolicyParts(inputs property.Map) []Part {
	parts := renaming(
		BucketPolicy,
		map[string]string{"bucket": "bucket", "policyDocument": "policy"},
	)(
		inputs,
	)
	for i, part := range parts {
		if policy := part.Inputs.Get("policy"); policy.IsMap() {
			parts[i].Inputs = part.Inputs.Set("policy", document(policy))
		}
	}
	return parts
}

// document returns a value as JSON, or unknown if a part of it is unknown.
func document(v property.Value) property.Value {
	if v.HasComputed() {
		return property.New(property.Computed)
	}
	text, err := json.Marshal(plain(v))
	if err != nil {
		return v
	}
	return property.New(string(text)).WithSecret(v.HasSecrets())
}

func plain(v property.Value) any {
	switch {
	case v.IsMap():
		m := map[string]any{}
		for key, e := range v.AsMap().All {
			m[key] = plain(e)
		}
		return m
	case v.IsArray():
		list := []any{}
		for _, e := range v.AsArray().All {
			list = append(list, plain(e))
		}
		return list
	case v.IsString():
		return v.AsString()
	case v.IsNumber():
		return v.AsNumber()
	case v.IsBool():
		return v.AsBool()
	default:
		return nil
	}
}

// cannedACLs maps the values of AWS::S3::Bucket's AccessControl to their names in pulumi-aws.
var cannedACLs = map[string]string{
	"Private":                "private",
	"PublicRead":             "public-read",
	"PublicReadWrite":        "public-read-write",
	"AuthenticatedRead":      "authenticated-read",
	"LogDeliveryWrite":       "log-delivery-write",
	"BucketOwnerRead":        "bucket-owner-read",
	"BucketOwnerFullControl": "bucket-owner-full-control",
	"AwsExecRead":            "aws-exec-read",
}

// nativeBucketParts translates AWS::S3::Bucket, which has all configuration except the policy inline:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html
func nativeBucketParts(inputs property.Map) []Part {
	bucket := map[string]property.Value{}
	var inline []Part
	for key, v := range inputs.AllStable {
		part := Part{From: key}
		switch key {
		case "bucketName":
			bucket["bucket"] = v
			continue
		case "objectLockEnabled", "tags":
			continue
		case "accessControl":
			if name, known := cannedACLs[text(v)]; known {
				v = property.New(name).WithSecret(v.Secret())
			}
			part.Type, part.Inputs = BucketACL, present(inlineACL(v))
		case "bucketEncryption":
			part.Type, part.Inputs = BucketEncryption, nativeEncryption(v)
		case "publicAccessBlockConfiguration":
			part.Type, part.Inputs = BucketPublicAccess, mapOf(
				v,
				"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets",
			)
		case "ownershipControls":
			part.Type, part.Inputs = BucketOwnership, present(
				map[string]property.Value{"rule": object(map[string]property.Value{
					"objectOwnership": dig(v, "rules", "objectOwnership"),
				})},
			)
		case "versioningConfiguration":
			part.Type, part.Inputs = BucketVersioning, present(
				map[string]property.Value{
					"versioningConfiguration": property.New(mapOf(v, "status")),
				},
			)
		case "loggingConfiguration":
			part.Type, part.Inputs = BucketLogging, present(map[string]property.Value{
				"targetBucket": dig(
					v,
					"destinationBucketName",
				),
				"targetPrefix": dig(v, "logFilePrefix"),
			})
		case "lifecycleConfiguration":
			part.Type, part.Inputs = BucketLifecycle, nativeLifecycle(v)
		case "websiteConfiguration":
			part.Type, part.Inputs = BucketWebsite, property.NewMap(
				map[string]property.Value{"websiteConfiguration": v},
			)
		default:
			return nil
		}
		if part.Inputs.Len() > 0 {
			inline = append(inline, part)
		}
	}
	return append([]Part{{Type: Bucket, Inputs: property.NewMap(bucket)}}, inline...)
}

func text(v property.Value) string {
	if v.IsString() {
		return v.AsString()
	}
	return ""
}

func mapOf(v property.Value, keys ...string) property.Map {
	fields := map[string]property.Value{}
	for _, key := range keys {
		fields[key] = dig(v, key)
	}
	return present(fields)
}

func nativeEncryption(v property.Value) property.Map {
	rules := eachOf(
		dig(v, "serverSideEncryptionConfiguration"),
		func(r property.Value) property.Value {
			return object(map[string]property.Value{
				"applyServerSideEncryptionByDefault": dig(r, "serverSideEncryptionByDefault"),
				"bucketKeyEnabled":                   dig(r, "bucketKeyEnabled"),
			})
		},
	)
	return present(map[string]property.Value{"rules": rules})
}

func nativeLifecycle(v property.Value) property.Map {
	rules := eachOf(dig(v, "rules"), func(r property.Value) property.Value {
		return object(map[string]property.Value{
			"id":     dig(r, "id"),
			"status": dig(r, "status"),
			"filter": nonEmpty(map[string]property.Value{
				"prefix": dig(r, "prefix"), "tag": dig(r, "tagFilters"),
				"objectSizeGreaterThan": dig(r, "objectSizeGreaterThan"),
				"objectSizeLessThan":    dig(r, "objectSizeLessThan"),
			}),
			"expiration": nonEmpty(
				map[string]property.Value{
					"days": dig(r, "expirationInDays"),
					"date": dig(r, "expirationDate"),
				},
			),
			"noncurrentVersionExpiration": nonEmpty(
				map[string]property.Value{
					"noncurrentDays": dig(r, "noncurrentVersionExpiration", "noncurrentDays"),
				},
			),
			"abortIncompleteMultipartUpload": dig(r, "abortIncompleteMultipartUpload"),
		})
	})
	return present(map[string]property.Value{"rules": rules})
}
