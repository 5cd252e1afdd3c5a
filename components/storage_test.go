package components

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
)

const (
	bucketType  = "aws:s3/bucketV2:BucketV2"
	bucketParts = "aws:s3/bucket"
)

func TestBucketsArePrivate(t *testing.T) {
	r := buildStorage(t, environment(), settings(t).Storage)
	require.Len(t, r.all(bucketType), 2)
	for _, bucket := range []string{"events", "logs"} {
		block := r.one(bucketParts+"PublicAccessBlock:BucketPublicAccessBlock", bucket+"-private")
		for _, key := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			require.Equal(t, true, block.Get(t, key), key)
		}
		owner := r.one(bucketParts+"OwnershipControls:BucketOwnershipControls", bucket+"-ownership")
		require.Equal(t, "BucketOwnerEnforced", owner.Get(t, "rule", "objectOwnership"))
		versions := r.one(bucketParts+"VersioningV2:BucketVersioningV2", bucket+"-versions")
		require.Equal(t, "Enabled", versions.Get(t, "versioningConfiguration", "status"))
		policy := r.one(bucketParts+"Policy:BucketPolicy", bucket+"-policy")
		tls := statements(t, policy.Get(t, "policy"))["TLSOnly"]
		arn := "arn:aws:s3:::test-" + bucket
		require.Equal(t, policyStatement{
			Sid: "TLSOnly", Effect: "Deny", Principal: "*", Action: []string{"s3:*"}, Resource: []string{arn, arn + "/*"},
			Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
		}, tls)
		require.True(t, policy.WaitsFor(block), "S3 refuses concurrent changes of a bucket")
		for _, part := range []pulumitest.Resource{block, owner, versions, policy} {
			require.Equal(t, "test-"+bucket, part.Get(t, "bucket"))
		}
	}
}

func TestBucketEncryption(t *testing.T) {
	r := buildStorage(t, environment(), settings(t).Storage)
	key := r.one("aws:kms/key:Key", "key")
	require.Equal(t, true, key.Get(t, "enableKeyRotation"))
	const kind = bucketParts + "ServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	require.Equal(t, []any{map[string]any{
		"bucketKeyEnabled":                   true,
		"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": r.ARN(key)},
	}}, r.one(kind, "events-encryption").Get(t, "rules"))
	require.Equal(t, []any{map[string]any{
		"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"},
	}}, r.one(kind, "logs-encryption").Get(t, "rules"), "log delivery does not support customer managed keys")
}

func TestAccessLogsGoToTheOtherBucket(t *testing.T) {
	r := buildStorage(t, environment(), settings(t).Storage)
	logging := r.one(bucketParts+"LoggingV2:BucketLoggingV2", "events-logging")
	policy := r.one(bucketParts+"Policy:BucketPolicy", "logs-policy")
	require.Equal(t, "test-events", logging.Get(t, "bucket"))
	require.Equal(t, "test-logs", logging.Get(t, "targetBucket"))
	require.True(t, logging.WaitsFor(policy), "S3 refuses a target that it may not write to")
	require.Equal(t, policyStatement{
		Sid: "AccessLogsOfThisAccount", Effect: "Allow", Principal: map[string]any{"Service": "logging.s3.amazonaws.com"},
		Action: []string{"s3:PutObject"}, Resource: []string{"arn:aws:s3:::test-logs/" + logging.Get(t, "targetPrefix").(string) + "*"},
		Condition: map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}},
	}, statements(t, policy.Get(t, "policy"))["AccessLogsOfThisAccount"])
}

func TestLifecycle(t *testing.T) {
	r := buildStorage(t, environment(), settings(t).Storage)
	rules := func(bucket string) map[string]any {
		days := map[string]any{}
		lifecycle := r.one(bucketParts+"LifecycleConfigurationV2:BucketLifecycleConfigurationV2", bucket+"-lifecycle")
		require.True(t, lifecycle.WaitsFor(r.one(bucketParts+"VersioningV2:BucketVersioningV2", bucket+"-versions")))
		for _, raw := range lifecycle.Get(t, "rules").([]any) {
			rule := pulumitest.Resource{Inputs: raw.(map[string]any)}
			require.Equal(t, "Enabled", rule.Get(t, "status"))
			prefix := rule.Get(t, "filter", "prefix").(string)
			if rule.Get(t, "expiration", "days") != nil {
				days[prefix] = rule.Get(t, "expiration", "days")
				continue
			}
			require.Empty(t, prefix, "the rule applies to the whole bucket")
			require.InDelta(t, 30, rule.Get(t, "noncurrentVersionExpiration", "noncurrentDays"), 0)
			require.Equal(t, true, rule.Get(t, "expiration", "expiredObjectDeleteMarker"), "markers slow down listings")
			require.InDelta(t, 7, rule.Get(t, "abortIncompleteMultipartUpload", "daysAfterInitiation"), 0)
		}
		return days
	}
	require.Equal(t, map[string]any{"athena-results/": 14.0, "bookmarks/temporary/": 14.0, "command-output/": 14.0}, rules("events"))
	require.Equal(t, map[string]any{"access/": 90.0}, rules("logs"))
}

// A destroy of a protected stack keeps its data and the key to read it.
func TestProtectedStorageIsRetained(t *testing.T) {
	for _, protect := range []bool{false, true} {
		env := environment()
		env.ProtectData = protect
		r := buildStorage(t, env, settings(t).Storage)
		for _, res := range r.Resources {
			switch res.Type {
			case "store-events:index:Storage", bucketParts + "Objectv2:BucketObjectv2", bucketParts + "LoggingV2:BucketLoggingV2":
				require.False(t, res.Retained, res.Name)
				continue
			case "aws:kms/key:Key", bucketType:
				require.Equal(t, "internal", res.Get(t, "tags", "DataClassification"))
				require.Equal(t, protect, res.Protected, res.Name)
			}
			require.Equal(t, protect, res.Retained, res.Name)
		}
		require.Equal(t, !protect, r.one(bucketType, "events").Get(t, "forceDestroy"))
		require.InDelta(t, map[bool]int{false: 7, true: 30}[protect], r.one("aws:kms/key:Key", "key").Get(t, "deletionWindowInDays"), 0)
		require.Equal(t, "alias/test-", r.one("aws:kms/alias:Alias", "key-alias").Get(t, "namePrefix"), "a retained bucket does not block a new stack")
	}
}

func TestKeyPolicyAllowsThisAccountOnly(t *testing.T) {
	policy := statements(t, buildStorage(t, environment(), settings(t).Storage).one("aws:kms/key:Key", "key").Get(t, "policy"))
	require.Equal(t, map[string]any{"AWS": "arn:aws:iam::" + account + ":root"}, policy["AccountDecidesByIAM"].Principal)
	require.Equal(t, map[string]any{"Service": "events.amazonaws.com"}, policy["AlertsOfFailures"].Principal)
	require.Nil(t, policy["AlertsOfFailures"].Condition, "EventBridge cannot use the key if the statement has a condition")
	require.Equal(t, map[string]any{"Service": "cloudwatch.amazonaws.com"}, policy["AlertsOfAlarms"].Principal)
	require.Nil(t, policy["AlertsOfAlarms"].Condition, "AWS documents no condition")
	require.Equal(t, map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}}, policy["AlertsOfCosts"].Condition)
	require.Equal(t, map[string]any{"Service": "logs." + region + ".amazonaws.com"}, policy["LogGroupsOfThisAccount"].Principal)
	require.Equal(t, map[string]map[string]any{"ArnLike": {
		"kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:" + region + ":" + account + ":log-group:*",
	}}, policy["LogGroupsOfThisAccount"].Condition)
	require.Len(t, policy, 5)
}

func TestJobFilesAreUploaded(t *testing.T) {
	r := buildStorage(t, environment(), settings(t).Storage)
	uploaded := map[string]string{}
	for _, object := range r.all(bucketParts + "Objectv2:BucketObjectv2") {
		require.Equal(t, "test-events", object.Get(t, "bucket"))
		for _, part := range []string{"Policy:BucketPolicy", "VersioningV2:BucketVersioningV2", "ServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"} {
			waits := false
			for _, res := range r.all(bucketParts + part) {
				waits = waits || object.WaitsFor(res) && res.Get(t, "bucket") == "test-events"
			}
			require.True(t, waits, "%s waits for %s", object.Name, part)
		}
		uploaded["s3://test-events/"+object.Get(t, "key").(string)] = object.Path(t, "source")
	}
	require.Equal(t, map[string]string{
		"s3://test-events/scripts/job.py": "glue/job.py", "s3://test-events/scripts/a.zip": "bin/a.zip", "s3://test-events/scripts/b.zip": "bin/b.zip",
		"s3://test-events/scripts/database-ca.pem": "certificates/own.pem",
	}, uploaded)
	require.Equal(t, map[string]any{
		"bucket": "test-events", "keyArn": r.ARN(r.one("aws:kms/key:Key", "key")),
		"scriptUrl": "s3://test-events/scripts/job.py", "pythonUrls": []any{"s3://test-events/scripts/a.zip", "s3://test-events/scripts/b.zip"},
		"authoritiesUrl": "s3://test-events/scripts/database-ca.pem", "authoritiesArn": "arn:aws:s3:::test-events/scripts/database-ca.pem",
	}, r.Outputs)
}
