package policy_test

import (
	"fmt"
	"maps"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/ministack"
	"localaws/testtools/front"
	"store-events/config"
	"store-events/deploy"
	"store-events/deploy/standin"
	"store-events/program"
	"store-events/program/project"
	"store-events/tests/testtools"
)

// emptyAWS starts an empty AWS.
func emptyAWS(t *testing.T, region string) *ministack.Emulator {
	t.Helper()
	aws, err := ministack.Start(t.Context(), ministack.Options{
		Command: testtools.Ministack(t), StateDir: t.TempDir(), GatewayURL: "http://127.0.0.1:1", Region: region,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, aws.Stop()) })
	return aws
}

// The program passes in every environment, with the stack's configuration, before any resource exists.
func TestProgramPasses(t *testing.T) {
	projectDir, err := project.Find(".")
	require.NoError(t, err)
	endpoint, owner := front.Serve(t, emptyAWS(t, "us-east-1"))
	for _, stack := range []string{"local", "dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			d, err := deploy.Open(t.Context(), deploy.Options{
				ProjectDir: projectDir, StateDir: t.TempDir(), Stack: stack, Program: program.Func(projectDir),
				Endpoint: endpoint, Credentials: owner, Pulumi: testtools.Pulumi(t), PluginDir: testtools.Plugins(t),
				PolicyPacks: []string{packFile}, Environ: os.Environ(),
			})
			require.NoError(t, err)
			result, err := d.Preview(t.Context())
			for _, v := range result.Violations {
				t.Logf("%s %s: %s\n%s", v.Level, v.Policy, v.Resource, v.Message)
			}
			require.NoError(t, err)
			require.Greater(t, len(result.Steps), 50, "the whole system was checked")
		})
	}
}

// Existing resources in the configuration are not violations.
func TestProgramPassesWithExistingResources(t *testing.T) {
	projectDir, err := project.Find(".")
	require.NoError(t, err)
	endpoint, owner := front.Serve(t, emptyAWS(t, "us-east-1"))
	client := awsclient.Signed("us-east-1", endpoint, owner)
	vpc := config.Map{"vpcId": "vpc-0123456789abcdef0", "appSubnetIds": `["subnet-0aaaaaaaaaaaaaaa1","subnet-0aaaaaaaaaaaaaaa2"]`}
	bucket := config.Map{"existingBucket": "my-own-events", "existingBucketKeyArn": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
	server := config.Map{"databaseHost": "db.example.internal", "databaseGroupId": "sg-0123456789abcdef0"}
	const secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:%s-AbCdEf" //nolint:gosec // An ARN, not the secret.
	admin := config.Map{"databaseSecretArn": fmt.Sprintf(secret, "admin")}
	users := config.Map{"databaseLoaderSecretArn": fmt.Sprintf(secret, "loader"), "databaseReaderSecretArn": fmt.Sprintf(secret, "reader")}
	instance := []string{"aws:rds/instance:Instance", "aws:rds/subnetGroup:SubnetGroup", "aws:rds/parameterGroup:ParameterGroup"}
	for name, tc := range map[string]struct {
		stack    string
		settings []config.Map
		absent   []string
	}{
		"VPC in dev":                {"dev", []config.Map{vpc}, []string{"aws:ec2/vpc:Vpc", "aws:ec2/subnet:Subnet", "aws:ec2/vpcEndpoint:VpcEndpoint"}},
		"server in dev":             {"dev", []config.Map{server, admin}, instance},
		"server with users in prod": {"prod", []config.Map{server, users}, append(instance, "aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretRotation:SecretRotation")},
		"all in prod":               {"prod", []config.Map{vpc, bucket, server, admin}, append(instance, "aws:ec2/vpc:Vpc", "aws:s3/bucketV2:BucketV2")},
		"bucket in prod":            {"prod", []config.Map{bucket}, []string{"aws:s3/bucketV2:BucketV2", "aws:s3/bucketPolicy:BucketPolicy"}},
		"VPC in prod":               {"prod", []config.Map{vpc, {"endpointGroupId": "sg-0123456789abcdef0"}}, []string{"aws:ec2/vpc:Vpc", "aws:ec2/routeTable:RouteTable"}},
	} {
		t.Run(name, func(t *testing.T) {
			given := config.Map{}
			for _, m := range tc.settings {
				maps.Copy(given, m)
			}
			cfg, err := config.Load(tc.stack, given)
			require.NoError(t, err)
			settings, notes, err := standin.Make(t.Context(), client, cfg, "dev")
			require.NoError(t, err)
			require.NotEmpty(t, notes)
			for key, value := range given {
				if full := config.Namespace + ":" + key; settings[full] == "" {
					settings[full] = value
				}
			}
			of := []string{"natGateways", "natInstance", "interfaceEndpoints"} // Settings of resources that the stack would create.
			if cfg.Database.Existing() {
				of = append(of, "databaseInstanceClass", "databaseStorageGiB", "databaseMaxStorageGiB", "databaseMultiAz", "databaseBackupDays", "databaseMonitoringSeconds")
			}
			if !cfg.Network.Existing() {
				of = of[3:]
			}
			for _, key := range of {
				settings[config.Namespace+":"+key] = ""
			}
			d, err := deploy.Open(t.Context(), deploy.Options{
				ProjectDir: projectDir, StateDir: t.TempDir(), Stack: tc.stack, Program: program.Func(projectDir),
				Endpoint: endpoint, Credentials: owner, Pulumi: testtools.Pulumi(t), PluginDir: testtools.Plugins(t),
				PolicyPacks: []string{packFile}, Environ: os.Environ(), Config: settings,
			})
			require.NoError(t, err)
			result, err := d.Preview(t.Context())
			for _, v := range result.Violations {
				t.Logf("%s %s: %s\n%s", v.Level, v.Policy, v.Resource, v.Message)
			}
			require.NoError(t, err)
			require.Greater(t, len(result.Planned), 50, "the whole system was checked")
			for _, p := range result.Planned {
				require.NotContains(t, tc.absent, p.Type)
			}
		})
	}
}
