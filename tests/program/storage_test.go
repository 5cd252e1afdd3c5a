package program

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
	"store-events/program/output"
)

// partOf is the one resource of a type that configures a bucket.
func (s stack) partOf(t *testing.T, kind string, bucket pulumitest.Resource) pulumitest.Resource {
	t.Helper()
	var found []pulumitest.Resource
	for _, r := range s.all(kind) {
		if r.Get(t, "bucket") == bucket.Name {
			found = append(found, r)
		}
	}
	require.Len(t, found, 1, "%s of %s", kind, bucket.Name)
	return found[0]
}

func TestEveryBucketIsClosed(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, b := range s.all("aws:s3/bucketV2:BucketV2") {
			block := s.partOf(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", b)
			for _, key := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
				require.Equal(t, true, block.Get(t, key), key)
			}
			owner := s.partOf(t, "aws:s3/bucketOwnershipControls:BucketOwnershipControls", b)
			require.Equal(t, "BucketOwnerEnforced", owner.Get(t, "rule", "objectOwnership"))
			versions := s.partOf(t, "aws:s3/bucketVersioningV2:BucketVersioningV2", b)
			require.Equal(t, "Enabled", versions.Get(t, "versioningConfiguration", "status"))

			tls := statements(t, s.partOf(t, "aws:s3/bucketPolicy:BucketPolicy", b).Get(t, "policy"))[0]
			require.Equal(t, "Deny", tls.Effect)
			require.Equal(t, "*", tls.Principal)
			require.Equal(t, []string{"s3:*"}, tls.Action)
			require.Equal(t, []string{"arn:aws:s3:::" + b.Name, "arn:aws:s3:::" + b.Name + "/*"}, tls.Resource)
			require.Equal(t, map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}}, tls.Condition)
		}
	})
}

func TestBucketEncryption(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		const kind = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
		rule := func(suffix string) map[string]any {
			rules := s.partOf(t, kind, s.one("aws:s3/bucketV2:BucketV2", suffix)).Get(t, "rules").([]any)
			require.Len(t, rules, 1)
			return rules[0].(map[string]any)
		}
		key := s.one("aws:kms/key:Key", "")
		require.Equal(t, true, key.Get(t, "enableKeyRotation"))
		events := rule("-events")
		require.Equal(t, true, events["bucketKeyEnabled"])
		require.Equal(t, map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": s.ARN(key)}, events["applyServerSideEncryptionByDefault"])
		require.Equal(t, map[string]any{"sseAlgorithm": "AES256"}, rule("-logs")["applyServerSideEncryptionByDefault"])
	})
}

func TestAccessLogsGoToTheOtherBucket(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		events, logs := s.one("aws:s3/bucketV2:BucketV2", "-events"), s.one("aws:s3/bucketV2:BucketV2", "-logs")
		logging := s.partOf(t, "aws:s3/bucketLoggingV2:BucketLoggingV2", events)
		require.Equal(t, logs.Name, logging.Get(t, "targetBucket"))
		prefix := logging.Get(t, "targetPrefix").(string)
		allow := statements(t, s.partOf(t, "aws:s3/bucketPolicy:BucketPolicy", logs).Get(t, "policy"))[1]
		require.Equal(t, map[string]any{"Service": "logging.s3.amazonaws.com"}, allow.Principal)
		require.Equal(t, []string{"arn:aws:s3:::" + logs.Name + "/" + prefix + "*"}, allow.Resource)
		require.Equal(t, map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}}, allow.Condition)
	})
}

func TestLifecycle(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		const kind = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
		var expiring []string
		for _, raw := range s.partOf(t, kind, s.one("aws:s3/bucketV2:BucketV2", "-events")).Get(t, "rules").([]any) {
			rule := pulumitest.Resource{Inputs: raw.(map[string]any)}
			require.Equal(t, "Enabled", rule.Get(t, "status"))
			prefix := rule.Get(t, "filter", "prefix").(string)
			if rule.Get(t, "expiration") != nil {
				expiring = append(expiring, prefix)
				continue
			}
			require.Empty(t, prefix, "housekeeping is for the whole bucket")
			require.InDelta(t, 30, rule.Get(t, "noncurrentVersionExpiration", "noncurrentDays"), 0)
			require.InDelta(t, 7, rule.Get(t, "abortIncompleteMultipartUpload", "daysAfterInitiation"), 0)
		}
		require.ElementsMatch(t, []string{"athena-results/", "bookmarks/temporary/", "command-output/"}, expiring)
	})
}

func TestDatabaseIsPrivateAndEncrypted(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		db := s.one("aws:rds/instance:Instance", "")
		require.Equal(t, false, db.Get(t, "publiclyAccessible"))
		require.Equal(t, true, db.Get(t, "storageEncrypted"))
		require.Equal(t, s.ARN(s.one("aws:kms/key:Key", "")), db.Get(t, "kmsKeyId"))
		require.Equal(t, "mysql", db.Get(t, "engine"))
		require.Equal(t, "8.4", db.Get(t, "engineVersion"))
		require.Equal(t, "mystiquemaster", db.Get(t, "username"))
		require.Equal(t, []any{s.one("aws:ec2/securityGroup:SecurityGroup", "-database-group").ID()}, db.Get(t, "vpcSecurityGroupIds"))
		require.InDelta(t, s.config.Database.Port, db.Get(t, "port"), 0)

		group := s.one("aws:rds/subnetGroup:SubnetGroup", "")
		require.Equal(t, group.Name, db.Get(t, "dbSubnetGroupName"))
		var subnets []any
		for _, subnet := range s.all("aws:ec2/subnet:Subnet") {
			if strings.Contains(subnet.Name, "-db-") {
				subnets = append(subnets, subnet.ID())
			}
		}
		require.ElementsMatch(t, subnets, group.Get(t, "subnetIds"))

		parameters := s.one("aws:rds/parameterGroup:ParameterGroup", "")
		require.Equal(t, parameters.Name, db.Get(t, "parameterGroupName"))
		require.Equal(t, "mysql8.4", parameters.Get(t, "family"))
		values, apply := map[string]any{}, map[string]any{}
		for _, item := range parameters.Get(t, "parameters").([]any) {
			p := item.(map[string]any)
			name := p["name"].(string)
			values[name], apply[name] = p["value"], p["applyMethod"]
		}
		require.Equal(t, "1", values["require_secure_transport"])
		require.Equal(t, "1", values["local_infile"])
		require.Equal(t, "pending-reboot", apply["local_infile"], "RDS reports nothing else for a default, and each update would change it")

		for _, log := range db.Get(t, "enabledCloudwatchLogsExports").([]any) {
			group := s.one("aws:cloudwatch/logGroup:LogGroup", "-"+log.(string)+"-log")
			require.Equal(t, "/aws/rds/instance/"+db.Get(t, "identifier").(string)+"/"+log.(string), group.Get(t, "name"))
		}
	})
}

func TestEveryLogGroupForgets(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		for _, group := range s.all("aws:cloudwatch/logGroup:LogGroup") {
			require.InDelta(t, s.config.Common.LogRetentionDays, group.Get(t, "retentionInDays"), 0, group.Name)
			require.Equal(t, s.ARN(s.one("aws:kms/key:Key", "")), group.Get(t, "kmsKeyId"), group.Name)
		}
	})
}

func TestConsumerIsReachedThroughSSMOnly(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		vm := s.one("aws:ec2/instance:Instance", "")
		require.Equal(t, false, vm.Get(t, "associatePublicIpAddress"))
		require.Nil(t, vm.Get(t, "keyName"))
		require.Equal(t, "required", vm.Get(t, "metadataOptions", "httpTokens"))
		require.Equal(t, true, vm.Get(t, "rootBlockDevice", "encrypted"))
		require.Equal(t, s.one("aws:ec2/subnet:Subnet", "-app-1").ID(), vm.Get(t, "subnetId"))
		profile := s.one("aws:iam/instanceProfile:InstanceProfile", "")
		require.Equal(t, profile.Name, vm.Get(t, "iamInstanceProfile"))
		require.Equal(t, s.one("aws:iam/role:Role", "-consumer").Name, profile.Get(t, "role"))
		script := vm.Get(t, "userData").(string)
		require.Contains(t, script, "/usr/local/bin/store-events-sql")
		require.Contains(t, script, s.Outputs[output.ReaderSecretArn].(string))
		require.NotContains(t, script, s.Outputs[output.MasterSecretArn].(string))
		require.NotRegexp(t, "@[A-Z_]+@", script)
	})
}
