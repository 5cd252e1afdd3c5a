package program

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
)

const (
	vpcID   = "vpc-0123456789abcdef0"
	app1    = "subnet-0aaaaaaaaaaaaaaa1"
	app2    = "subnet-0aaaaaaaaaaaaaaa2"
	db1     = "subnet-0bbbbbbbbbbbbbbb1"
	db2     = "subnet-0bbbbbbbbbbbbbbb2"
	otherID = "vpc-0fedcba9876543210"
)

// existingAccount returns an account with a VPC in two zones, and a subnet of another VPC.
func existingAccount(name string) *stack {
	s := &stack{name: name, Recorder: pulumitest.New()}
	subnets := map[string][2]string{
		app1: {vpcID, region + "a"}, app2: {vpcID, region + "b"}, db1: {vpcID, region + "b"}, db2: {vpcID, region + "c"},
		"subnet-0ccccccccccccccc1": {otherID, region + "b"}, "subnet-0ccccccccccccccc2": {vpcID, region + "a"},
	}
	s.Functions = map[string]func(map[string]any) map[string]any{
		"aws:ec2/getSubnet:getSubnet": func(args map[string]any) map[string]any {
			found := subnets[args["id"].(string)]
			return map[string]any{"id": args["id"], "vpcId": found[0], "availabilityZone": found[1]}
		},
		"aws:secretsmanager/getSecret:getSecret": func(args map[string]any) map[string]any {
			return map[string]any{"arn": args["arn"], "kmsKeyId": bucketKey}
		},
		"aws:s3/getBucket:getBucket": func(args map[string]any) map[string]any {
			in := region
			if args["bucket"] == "elsewhere" {
				in = "us-west-2"
			}
			return map[string]any{"bucket": args["bucket"], "region": in}
		},
		"aws:ec2/getPrefixList:getPrefixList": func(args map[string]any) map[string]any {
			return map[string]any{"id": "pl-of-" + args["name"].(string)}
		},
	}
	return s
}

func existingVpc(more config.Map) config.Map {
	settings := config.Map{
		"vpcId": vpcID, "appSubnetIds": `["` + app1 + `","` + app2 + `"]`, "dbSubnetIds": `["` + db1 + `","` + db2 + `"]`,
	}
	for key, value := range more {
		settings[key] = value
	}
	return settings
}

// The owner of an existing VPC manages its network.
func TestExistingVpcGetsOnlySecurityGroups(t *testing.T) {
	for name, more := range map[string]config.Map{
		"routes":    nil,
		"endpoints": {"endpointGroupId": "sg-0eeeeeeeeeeeeeeee"},
		"protected": {"protectData": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			s := existingAccount("test")
			s.t = t
			require.NoError(t, s.deploy(existingVpc(more)))
			for _, r := range s.Resources {
				if strings.HasPrefix(r.Type, "aws:ec2/") {
					require.Contains(t, []string{"aws:ec2/securityGroup:SecurityGroup", "aws:ec2/instance:Instance"}, r.Type)
				}
			}
			groups := s.all("aws:ec2/securityGroup:SecurityGroup")
			require.Len(t, groups, 4, "job, consumer, rotation, database")
			for _, g := range groups {
				require.Equal(t, vpcID, g.Get(t, "vpcId"))
			}
			connection := s.one("aws:glue/connection:Connection", "")
			require.Equal(t, app1, connection.Get(t, "physicalConnectionRequirements", "subnetId"))
			require.Equal(t, region+"a", connection.Get(t, "physicalConnectionRequirements", "availabilityZone"))
			require.Equal(t, []any{db1, db2}, s.one("aws:rds/subnetGroup:SubnetGroup", "").Get(t, "subnetIds"))
			require.Equal(t, []any{app1, app2}, s.one("aws:lambda/function:Function", "-rotation").Get(t, "vpcConfig", "subnetIds"))

			anywhere, endpoints := 0, 0
			for _, rule := range s.all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") {
				if rule.Get(t, "cidrIpv4") == "0.0.0.0/0" {
					anywhere++
				}
				if rule.Get(t, "referencedSecurityGroupId") == "sg-0eeeeeeeeeeeeeeee" {
					endpoints++
				}
			}
			ingress := 0
			for _, rule := range s.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
				if rule.Get(t, "securityGroupId") == "sg-0eeeeeeeeeeeeeeee" {
					ingress++
				}
			}
			if more["endpointGroupId"] != "" {
				require.Equal(t, []int{0, 3, 3}, []int{anywhere, endpoints, ingress}, "to the endpoints only")
			} else {
				require.Equal(t, []int{3, 0, 0}, []int{anywhere, endpoints, ingress}, "to all targets of routes")
			}
		})
	}
}

func TestDatabaseSubnetsDefaultToTheAppSubnets(t *testing.T) {
	s := existingAccount("test")
	s.t = t
	require.NoError(t, s.deploy(existingVpc(config.Map{"dbSubnetIds": ""})))
	require.Equal(t, []any{app1, app2}, s.one("aws:rds/subnetGroup:SubnetGroup", "").Get(t, "subnetIds"))
}

func TestMismatchWithTheVpcIsRefusedBeforeTheDeployment(t *testing.T) {
	for name, tc := range map[string]struct {
		settings config.Map
		message  string
	}{
		"another VPC": {config.Map{"appSubnetIds": `["` + app1 + `","subnet-0ccccccccccccccc1"]`}, "store-events:appSubnetIds: "},
		"one zone":    {config.Map{"dbSubnetIds": `["` + app1 + `","subnet-0ccccccccccccccc2"]`}, "store-events:dbSubnetIds: "},
		"a block":     {config.Map{"vpcCidr": "10.0.0.0/16"}, "store-events:vpcCidr: "},
	} {
		t.Run(name, func(t *testing.T) {
			s := existingAccount("test")
			require.ErrorContains(t, s.deploy(existingVpc(tc.settings)), tc.message)
			require.Empty(t, s.Resources)
		})
	}
}

const bucketKey = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"

// The owner of a bucket manages its settings: the stack only puts objects there.
func TestExistingBucketGetsOnlyObjects(t *testing.T) {
	for name, more := range map[string]config.Map{
		"S3's key": {}, "a key": {"existingBucketKeyArn": bucketKey}, "events": {"trigger": "both"}, "protected": {"protectData": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			s := existingAccount("test")
			s.t = t
			more["existingBucket"] = "my-events"
			require.NoError(t, s.deploy(more))
			objects := 0
			for _, r := range s.Resources {
				if strings.HasPrefix(r.Type, "aws:s3/") {
					require.Equal(t, "aws:s3/bucketObjectv2:BucketObjectv2", r.Type)
					require.Equal(t, "my-events", r.Get(t, "bucket"))
					objects++
				}
			}
			require.Equal(t, 4, objects)
			require.Equal(t, "my-events", s.Outputs["StoreEventsBucket"])
			require.Equal(t, []string{"arn:aws:s3:::my-events/curated/*", "arn:aws:s3:::my-events/quarantine/*", "arn:aws:s3:::my-events/bookmarks/*"},
				s.allowed(t, "job", "s3:PutObject"))
			for _, role := range []string{"job", "crawler", "producer", "consumer", "rotation"} {
				keys := s.allowed(t, role, "kms:Decrypt")
				if more["existingBucketKeyArn"] != "" {
					require.Contains(t, keys, bucketKey, role)
				} else {
					require.Len(t, keys, 1, role)
				}
			}
		})
	}
}

func TestBucketInAnotherRegionIsRefusedBeforeTheDeployment(t *testing.T) {
	s := existingAccount("test")
	require.ErrorContains(t, s.deploy(config.Map{"existingBucket": "elsewhere"}), "store-events:existingBucket: \"elsewhere\" is not allowed: use a bucket in eu-west-1")
	require.Empty(t, s.Resources)
}

func TestRegionWithoutAmazonsAuthoritiesIsRefusedBeforeTheDeployment(t *testing.T) {
	own := filepath.Join("program", "artifacts", "certificates", "amazon-rds.pem")
	for name, settings := range map[string]config.Map{
		"refused": {}, "own authorities": {"databaseCaFile": own},
	} {
		s := &stack{name: "test", Recorder: pulumitest.New()}
		s.Region = "il-central-1"
		if err := s.deploy(settings); name == "refused" {
			require.ErrorContains(t, err, "aws:region il-central-1: ")
			require.Empty(t, s.Resources)
		} else {
			require.NoError(t, err)
		}
	}
}

func secret(name string) string {
	return "arn:aws:secretsmanager:" + region + ":" + account + ":secret:" + name + "-AbCdEf"
}

// The server is checked before clients log in to it, and its settings are not changed.
func TestExistingDatabaseGetsOnlyUsers(t *testing.T) {
	for name, tc := range map[string]struct {
		settings                     config.Map
		secrets, rotations, checks   int
		group, masterArn, loaderName string
	}{
		"by an administrator": {
			config.Map{"databaseSecretArn": secret("admin"), "databaseGroupId": "sg-0ddddddddddddddd0"}, 2, 2, 3,
			"sg-0ddddddddddddddd0", secret("admin"), "se_feature_12_load",
		},
		"without rotation": {
			config.Map{"databaseSecretArn": secret("admin"), "databaseGroupId": "sg-0ddddddddddddddd0", "secretRotationDays": "0"}, 2, 0, 3,
			"sg-0ddddddddddddddd0", secret("admin"), "se_feature_12_load",
		},
		"by users that exist": {
			config.Map{"databaseLoaderSecretArn": secret("loader"), "databaseReaderSecretArn": secret("reader"), "databaseCidr": "10.20.0.0/24"}, 0, 0, 2,
			"", "", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := existingAccount("feature-12")
			s.t = t
			tc.settings["databaseHost"] = "db.example.internal"
			require.NoError(t, s.deploy(tc.settings))
			for _, r := range s.Resources {
				require.False(t, strings.HasPrefix(r.Type, "aws:rds/"), r.Type)
			}
			require.Len(t, s.all("aws:secretsmanager/secret:Secret"), tc.secrets)
			require.Len(t, s.all("aws:secretsmanager/secretRotation:SecretRotation"), tc.rotations)
			checks := s.all("aws:lambda/invocation:Invocation")
			require.Len(t, checks, tc.checks)
			job := s.one("aws:glue/connection:Connection", "")
			for _, check := range checks {
				require.True(t, job.WaitsFor(check), "%s comes first", check.Name)
			}
			require.Equal(t, "db.example.internal:3306", s.Outputs["DatabaseEndpoint"])
			require.Equal(t, tc.masterArn, s.Outputs["StoreEventsDatabaseSecretArn"])
			for _, role := range []string{"job", "consumer", "rotation"} {
				require.Contains(t, s.allowed(t, role, "kms:Decrypt"), bucketKey, "the key of the secrets")
			}
			if tc.loaderName != "" {
				made := s.one("aws:lambda/invocation:Invocation", "-loader-user")
				require.Contains(t, fmt.Sprint(made.Get(t, "input")), tc.loaderName, "stacks may share the server")
				require.LessOrEqual(t, len("se_"+strings.Repeat("x", 24)+"_load"), 32, "MySQL's limit")
			} else {
				require.Contains(t, s.allowed(t, "job", "secretsmanager:GetSecretValue"), secret("loader"))
				require.NotContains(t, s.allowed(t, "job", "secretsmanager:GetSecretValue"), secret("reader"))
			}
			require.NotContains(t, s.allowed(t, "rotation", "secretsmanager:PutSecretValue"), secret("admin"), "it is not changed")
			groups, ways := 0, 0
			for _, rule := range s.all("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule") {
				if tc.group != "" && rule.Get(t, "securityGroupId") == tc.group {
					groups++
				}
			}
			for _, rule := range s.all("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule") {
				if rule.Get(t, "cidrIpv4") == "10.20.0.0/24" {
					require.InDelta(t, 3306, rule.Get(t, "toPort"), 0)
					ways++
				}
			}
			require.Equal(t, 3, groups+ways, "job, consumer and rotation")
		})
	}
}

// The secret of the lineage server may be encrypted with a customer managed key.
func TestJobMayUseTheKeyOfTheLineageSecret(t *testing.T) {
	s := existingAccount("feature-13")
	s.t = t
	require.NoError(t, s.deploy(config.Map{
		"lineageUrl": "https://lineage.example.com/api/v1/lineage", "lineageSecretArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:lineage-AbCdEf",
		"natGateways": "1", "interfaceEndpoints": "false",
	}))
	require.Contains(t, s.allowed(t, "job", "kms:Decrypt"), bucketKey)
	require.NotContains(t, s.allowed(t, "consumer", "kms:Decrypt"), bucketKey)
}

// The keys of existing resources may encrypt other data of their owner.
func TestExistingKeysAreUsedThroughTheirServicesOnly(t *testing.T) {
	const loginsKey = "arn:aws:kms:eu-west-1:123456789012:key/99999999-12ab-34cd-56ef-1234567890ab"
	s := existingAccount("feature-14")
	s.t = t
	s.Functions["aws:secretsmanager/getSecret:getSecret"] = func(args map[string]any) map[string]any {
		return map[string]any{"arn": args["arn"], "kmsKeyId": loginsKey}
	}
	require.NoError(t, s.deploy(config.Map{
		"existingBucket": "my-events", "existingBucketKeyArn": bucketKey,
		"databaseHost": "db.example.internal", "databaseSecretArn": secret("admin"), "databaseGroupId": "sg-0ddddddddddddddd0",
		"lineageUrl": "https://lineage.example.com/api/v1/lineage", "lineageSecretArn": secret("lineage"),
		"natGateways": "1", "interfaceEndpoints": "false", "trigger": "both",
	}))
	uses := 0
	for _, role := range s.all("aws:iam/rolePolicy:RolePolicy") {
		for _, st := range statements(t, role.Get(t, "policy")) {
			through := fmt.Sprint(st.Condition["StringEquals"]["kms:ViaService"])
			if slices.Contains(st.Resource, bucketKey) {
				uses++
				require.Contains(t, through, "s3.eu-west-1.amazonaws.com", "%s %s", role.Name, st.Sid)
			}
			if slices.Contains(st.Resource, loginsKey) {
				uses++
				require.Equal(t, "secretsmanager.eu-west-1.amazonaws.com", through, "%s %s", role.Name, st.Sid)
				require.Equal(t, []string{"kms:Decrypt"}, st.Action, "%s %s", role.Name, st.Sid)
			}
		}
	}
	require.Equal(t, 9, uses, "six roles use the bucket, and job, consumer and rotation an existing secret")
}
