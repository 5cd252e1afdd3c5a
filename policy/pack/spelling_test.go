package pack

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

type (
	props = map[string]any
	list  = []any
)

// declaration is a resource of a spelling. IDs of other resources are written as $name.
type declaration struct {
	resourceType, name string
	props              props
}

const documentForEveryone = `{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::data/*"}]}`

const documentForTLS = `{"Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*",` +
	`"Resource":["arn:aws:s3:::data","arn:aws:s3:::data/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`

// store is a bucket independent of the spelling, with settings that all providers support.
type store struct {
	algorithm, acl, policy   string
	versioned, logged, ended bool
	website                  bool
}

var stores = map[string]store{
	"compliant":      {algorithm: "aws:kms", policy: documentForTLS, versioned: true, logged: true, ended: true},
	"no encryption":  {policy: documentForTLS, versioned: true, logged: true, ended: true},
	"another key":    {algorithm: "AES256", policy: documentForTLS, versioned: true, logged: true, ended: true},
	"public ACL":     {algorithm: "aws:kms", acl: "public-read", policy: documentForTLS, versioned: true, logged: true, ended: true},
	"public policy":  {algorithm: "aws:kms", policy: documentForEveryone, versioned: true, logged: true, ended: true},
	"no policy":      {algorithm: "aws:kms", versioned: true, logged: true, ended: true},
	"no versions":    {algorithm: "aws:kms", policy: documentForTLS, logged: true, ended: true},
	"no access logs": {algorithm: "aws:kms", policy: documentForTLS, versioned: true, ended: true},
	"no lifecycle":   {algorithm: "aws:kms", policy: documentForTLS, versioned: true, logged: true},
	"a website":      {algorithm: "aws:kms", policy: documentForTLS, versioned: true, logged: true, ended: true, website: true},
}

// guards are settings that are always separate resources in pulumi-aws.
func guards() []declaration {
	return []declaration{
		{aws.BucketPublicAccess, "private", props{
			"bucket": "$data", "blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
		}},
		{aws.BucketOwnership, "ownership", props{"bucket": "$data", "rule": props{"objectOwnership": "BucketOwnerEnforced"}}},
		{aws.Key, "key", props{}},
	}
}

// separate declares the store with V2 resources, with the types of v6 or v7.
func separate(types func(string) string) func(store) []declaration {
	return func(s store) []declaration {
		all := append(guards(), declaration{types(aws.Bucket), "data", props{"bucket": "data"}})
		add := func(given bool, resourceType string, p props) {
			if given {
				p["bucket"] = "$data"
				all = append(all, declaration{types(resourceType), resourceType, p})
			}
		}
		add(s.algorithm != "", aws.BucketEncryption, props{"rules": list{props{
			"applyServerSideEncryptionByDefault": props{"sseAlgorithm": s.algorithm, "kmsMasterKeyId": "$key"}, "bucketKeyEnabled": true,
		}}})
		add(s.acl != "", aws.BucketACL, props{"acl": s.acl})
		add(s.policy != "", aws.BucketPolicy, props{"policy": s.policy})
		add(s.versioned, aws.BucketVersioning, props{"versioningConfiguration": props{"status": "Enabled"}})
		add(s.logged, aws.BucketLogging, props{"targetBucket": "$logs", "targetPrefix": "data/"})
		add(s.ended, aws.BucketLifecycle, props{"rules": list{props{
			"id": "all", "status": "Enabled", "abortIncompleteMultipartUpload": props{"daysAfterInitiation": 7},
			"noncurrentVersionExpiration": props{"noncurrentDays": 30},
		}}})
		add(s.website, aws.BucketWebsite, props{"indexDocument": props{"suffix": "index.html"}})
		return all
	}
}

// within declares the store inside the bucket. The classic bucket has objects where V2 has lists.
func within(resourceType string, wrap func(any) any, plural string) func(store) []declaration {
	return func(s store) []declaration {
		p := props{"bucket": "data"}
		add := func(given bool, key string, v any) {
			if given {
				p[key] = v
			}
		}
		add(s.algorithm != "", "serverSideEncryptionConfiguration"+plural, wrap(props{"rule" + plural: wrap(props{
			"applyServerSideEncryptionByDefault" + plural: wrap(props{"sseAlgorithm": s.algorithm, "kmsMasterKeyId": "$key"}), "bucketKeyEnabled": true,
		})}))
		add(true, "acl", "private") // Computed by the provider.
		add(s.acl != "", "acl", s.acl)
		add(s.policy != "", "policy", s.policy)
		add(s.versioned, "versioning"+plural, wrap(props{"enabled": true}))
		add(s.logged, "loggings", list{props{"targetBucket": "$logs", "targetPrefix": "data/"}})
		add(s.ended, "lifecycleRules", list{props{
			"id": "all", "enabled": true, "abortIncompleteMultipartUploadDays": 7,
			"noncurrentVersionExpiration" + plural: wrap(props{"days": 30}),
		}})
		add(s.website, "website"+plural, wrap(props{"indexDocument": "index.html"}))
		return append(guards(), declaration{resourceType, "data", p})
	}
}

// native declares the store as an AWS::S3::Bucket.
func native(s store) []declaration {
	p := props{
		"bucketName": "data",
		"publicAccessBlockConfiguration": props{
			"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
		},
		"ownershipControls": props{"rules": list{props{"objectOwnership": "BucketOwnerEnforced"}}},
	}
	add := func(given bool, key string, v any) {
		if given {
			p[key] = v
		}
	}
	add(s.algorithm != "", "bucketEncryption", props{"serverSideEncryptionConfiguration": list{props{
		"serverSideEncryptionByDefault": props{"sseAlgorithm": s.algorithm, "kmsMasterKeyId": "$key"}, "bucketKeyEnabled": true,
	}}})
	add(s.acl != "", "accessControl", map[string]string{"public-read": "PublicRead"}[s.acl])
	add(s.versioned, "versioningConfiguration", props{"status": "Enabled"})
	add(s.logged, "loggingConfiguration", props{"destinationBucketName": "$logs", "logFilePrefix": "data/"})
	add(s.ended, "lifecycleConfiguration", props{"rules": list{props{
		"id": "all", "status": "Enabled", "abortIncompleteMultipartUpload": props{"daysAfterInitiation": 7},
		"noncurrentVersionExpiration": props{"noncurrentDays": 30},
	}}})
	add(s.website, "websiteConfiguration", props{"indexDocument": "index.html"})
	all := []declaration{{"aws-native:s3:Bucket", "data", p}, {aws.Key, "key", props{}}}
	if s.policy != "" {
		var document any = s.policy
		if s.policy == documentForEveryone {
			document = props{"Statement": list{props{
				"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*",
			}}}
		}
		all = append(all, declaration{"aws-native:s3:BucketPolicy", "policy", props{"bucket": "$data", "policyDocument": document}})
	}
	return all
}

func v6(resourceType string) string { return resourceType }

// v7 returns pulumi-aws v7's name of a type of v6.
func v7(resourceType string) string {
	names := map[string]string{
		aws.Bucket: "aws:s3/bucket:Bucket", aws.BucketACL: "aws:s3/bucketAcl:BucketAcl", aws.BucketLogging: "aws:s3/bucketLogging:BucketLogging",
		aws.BucketEncryption: "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
		aws.BucketLifecycle:  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
		aws.BucketVersioning: "aws:s3/bucketVersioning:BucketVersioning", aws.BucketWebsite: "aws:s3/bucketWebsiteConfiguration:BucketWebsiteConfiguration",
	}
	if name, renamed := names[resourceType]; renamed {
		return name
	}
	return resourceType
}

func bare(v any) any { return v }

func listed(v any) any { return list{v} }

func TestBucketsHaveTheSameFindingsInEverySpelling(t *testing.T) {
	spellings := map[string]func(store) []declaration{
		"v7":                separate(v7),
		"classic, inline":   within("aws:s3/bucket:Bucket", bare, ""),
		"V2, inline":        within(aws.Bucket, listed, "s"),
		"v7, inline":        within("aws:s3/bucket:Bucket", bare, ""),
		"the native bucket": native,
	}
	for name, s := range stores {
		for _, exist := range []bool{false, true} {
			want := findings(t, separate(v6)(s), exist)
			require.Equal(t, name != "compliant", slices.Contains(slices.Collect(maps.Values(want)), rule.Mandatory), name)
			for spelling, declare := range spellings {
				require.Equal(t, want, findings(t, declare(s), exist), "%s in %s, exists: %t", name, spelling, exist)
			}
		}
	}
}

func TestDatabasesHaveTheSameFindingsInEverySpelling(t *testing.T) {
	for _, broken := range []string{
		"", "publiclyAccessible", "storageEncrypted", "deletionProtection", "iamDatabaseAuthenticationEnabled", "engineVersion",
		"backupRetentionPeriod", "username", "parameters", "subnetIds", "caCertIdentifier", "enabledCloudwatchLogsExports", "copyTagsToSnapshot",
	} {
		for _, exist := range []bool{false, true} {
			want := findings(t, databaseOf(broken, v6, nil), exist)
			got := findings(t, databaseOf(broken, nativeType, nativeNames), exist)
			require.Equal(t, want, got, "%s, exists: %t", broken, exist)
			require.Equal(t, broken != "", slices.Contains(slices.Collect(maps.Values(want)), rule.Mandatory), "%s %v", broken, want)
		}
	}
}

func nativeType(resourceType string) string {
	return map[string]string{
		aws.DBInstance: "aws-native:rds:DbInstance", aws.DBParameterGroup: "aws-native:rds:DbParameterGroup",
		aws.DBSubnetGroup: "aws-native:rds:DbSubnetGroup",
	}[resourceType]
}

// nativeNames are the names of properties that are different in AWS::RDS.
var nativeNames = map[string]string{
	"identifier": "dbInstanceIdentifier", "instanceClass": "dbInstanceClass", "parameterGroupName": "dbParameterGroupName",
	"vpcSecurityGroupIds": "vpcSecurityGroups", "username": "masterUsername", "caCertIdentifier": "caCertificateIdentifier",
	"iamDatabaseAuthenticationEnabled": "enableIamDatabaseAuthentication", "enabledCloudwatchLogsExports": "enableCloudwatchLogsExports",
}

// databaseOf declares a database with one wrong property, if any.
func databaseOf(broken string, types func(string) string, names map[string]string) []declaration {
	wrong := props{
		"publiclyAccessible": true, "storageEncrypted": false, "deletionProtection": false, "iamDatabaseAuthenticationEnabled": false,
		"engineVersion": "5.7", "backupRetentionPeriod": 0, "username": "admin", "caCertIdentifier": "rds-ca-2019",
		"enabledCloudwatchLogsExports": list{}, "copyTagsToSnapshot": false,
	}
	instance := props{
		"identifier": "db", "instanceClass": "db.t4g.medium", "engine": "mysql", "engineVersion": "8.4", "kmsKeyId": "$key", "port": 3306,
		"publiclyAccessible": false, "storageEncrypted": true, "deletionProtection": true, "iamDatabaseAuthenticationEnabled": true,
		"backupRetentionPeriod": 14, "username": "owner", "manageMasterUserPassword": true, "caCertIdentifier": "rds-ca-rsa2048-g1",
		"enabledCloudwatchLogsExports": list{"error", "slowquery"}, "copyTagsToSnapshot": true, "multiAz": true,
		"autoMinorVersionUpgrade": true, "monitoringInterval": 60, "monitoringRoleArn": "$role", "parameterGroupName": "$parameters",
		"dbSubnetGroupName": "$subnets", "vpcSecurityGroupIds": list{"$group"}, "deleteAutomatedBackups": false,
	}
	if v, ok := wrong[broken]; ok {
		instance[broken] = v
	}
	named := props{}
	for key, v := range instance {
		if names[key] != "" {
			key = names[key]
		}
		named[key] = v
	}
	on, subnets := "1", list{"$a", "$b"}
	if broken == "parameters" {
		on = "0"
	}
	if broken == "subnetIds" {
		subnets = list{"$a"}
	}
	var parameters any = list{props{"name": "require_secure_transport", "value": on}}
	if names != nil {
		parameters = props{"require_secure_transport": on}
	}
	return []declaration{
		{types(aws.DBInstance), "db", named},
		{types(aws.DBParameterGroup), "parameters", props{"family": "mysql8.4", "parameters": parameters}},
		{types(aws.DBSubnetGroup), "subnets", props{"subnetIds": subnets}},
		{aws.Subnet, "a", props{"availabilityZone": "eu-west-1a"}}, {aws.Subnet, "b", props{"availabilityZone": "eu-west-1b"}},
		{aws.SecurityGroup, "group", props{"description": "the database"}}, {aws.Key, "key", props{}}, {aws.Role, "role", props{}},
	}
}

// findings returns the pack's reports on the database or the bucket, by policy. It omits rules on other resources, and
// on options that only one provider has.
func findings(t *testing.T, declared []declaration, exist bool) map[string]rule.Level {
	t.Helper()
	p, err := New(Stack{Project: "p", Name: "prod"})
	require.NoError(t, err)
	declared = append(declared, declaration{aws.Bucket, "logs", props{"bucket": "logs"}})
	types := map[string]string{}
	for _, d := range declared {
		types[d.name] = d.resourceType
	}
	urnOf := func(name string) string { return fmt.Sprintf("urn:pulumi:prod::p::%s::%s", types[name], name) }
	var resources []rule.Resource
	all := map[string]rule.Level{}
	keep := func(reports []Report) {
		for _, r := range reports {
			inOne := []string{"rds-final-snapshot", "stateful-resources-protected", "tags-required"}
			if r.Kind == rule.Violation && nameIn(r.URN) != "logs" && nameIn(r.URN) != "key" && nameIn(r.URN) != "role" && !slices.Contains(inOne, r.Policy) {
				all[r.Policy] = r.Level
			}
		}
	}
	for _, d := range declared {
		r := rule.Resource{URN: urnOf(d.name), Type: d.resourceType, Name: d.name, PropertyDependencies: map[string][]string{}}
		inputs := map[string]property.Value{}
		for key, v := range d.props {
			var from []string
			inputs[key] = valueOf(v, exist, urnOf, &from)
			r.PropertyDependencies[key] = from
		}
		r.Inputs = property.NewMap(inputs)
		keep(p.CheckResource(r))
		id := valueOf("$"+d.name, exist, urnOf, new([]string))
		r.Outputs = r.Inputs.Set("id", id).Set("name", id).Set("arn", id)
		r.Inputs = property.Map{}
		resources = append(resources, r)
	}
	keep(p.CheckStack(resources))
	return all
}

func valueOf(v any, exist bool, urnOf func(string) string, from *[]string) property.Value {
	switch v := v.(type) {
	case string:
		if v == "" || v[0] != '$' {
			return property.New(v)
		}
		*from = append(*from, urnOf(v[1:]))
		if !exist {
			return property.New(property.Computed)
		}
		return property.New(v[1:] + "-id")
	case props:
		m := map[string]property.Value{}
		for key, e := range v {
			m[key] = valueOf(e, exist, urnOf, from)
		}
		return property.New(m)
	case list:
		elements := make([]property.Value, len(v))
		for i, e := range v {
			elements[i] = valueOf(e, exist, urnOf, from)
		}
		return property.New(elements)
	case int:
		return property.New(float64(v))
	case bool:
		return property.New(v)
	default:
		panic(fmt.Sprintf("%T", v))
	}
}
