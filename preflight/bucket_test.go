package preflight_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"store-events/preflight"
)

func TestExistingBucket(t *testing.T) {
	a := newAccount(t)
	client := s3.NewFromConfig(a.cfg, func(o *s3.Options) { o.UsePathStyle = true })
	name := aws.String("my-own-events")
	const key = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	found := func(b preflight.Bucket) map[preflight.Status]string {
		t.Helper()
		report, err := preflight.Run(t.Context(), preflight.NewClients(a.cfg), preflight.Plan{Stack: "test", Region: region, Bucket: &b})
		require.NoError(t, err)
		all := map[preflight.Status]string{}
		for _, f := range report.Findings {
			if f.ID == "existing-bucket" {
				all[f.Status] += f.What + "\n"
				require.Equal(t, f.Status != preflight.OK, f.Do != "", f.What)
			}
		}
		return all
	}
	b := preflight.Bucket{Name: *name, New: true}
	require.Contains(t, found(b)[preflight.Problem], "does not exist in this account and region")

	_, err := client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name})
	require.NoError(t, err)
	bare := found(b)
	require.Empty(t, bare[preflight.Problem])
	for _, what := range []string{"public access", "TLS", "is not versioned", "athena-results/, bookmarks/temporary/, command-output/"} {
		require.Contains(t, bare[preflight.Warning], what)
	}
	b.Events = true
	require.Contains(t, found(b)[preflight.Problem], "does not send events to EventBridge")

	yes := aws.Bool(true)
	_, err = client.PutPublicAccessBlock(t.Context(), &s3.PutPublicAccessBlockInput{Bucket: name, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
		BlockPublicAcls: yes, BlockPublicPolicy: yes, IgnorePublicAcls: yes, RestrictPublicBuckets: yes,
	}})
	require.NoError(t, err)
	_, err = client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*",` +
		`"Action":"s3:*","Resource":["arn:aws:s3:::my-own-events","arn:aws:s3:::my-own-events/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`)})
	require.NoError(t, err)
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: name, VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	require.NoError(t, err)
	lifecycle := func(rules ...types.LifecycleRule) {
		t.Helper()
		_, err := client.PutBucketLifecycleConfiguration(t.Context(), &s3.PutBucketLifecycleConfigurationInput{
			Bucket: name, LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: rules},
		})
		require.NoError(t, err)
	}
	lifecycle(documentedRules(t)...)
	_, err = client.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: name, NotificationConfiguration: &types.NotificationConfiguration{EventBridgeConfiguration: &types.EventBridgeConfiguration{}},
	})
	require.NoError(t, err)
	require.NotEmpty(t, found(b)[preflight.OK], "%v", found(b))
	b.Events = false

	testLifecycleRules(t, b, found, lifecycle)

	_, err = client.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{Bucket: name, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: aws.String(key)}}},
	}})
	require.NoError(t, err)
	require.Contains(t, found(b)[preflight.Problem], "could not use the key")
	b.KeyArn = key
	require.NotEmpty(t, found(b)[preflight.OK], "%v", found(b))

	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: aws.String("curated/dt=2026-01-01/x.parquet"), Body: strings.NewReader("x"), ServerSideEncryption: types.ServerSideEncryptionAes256})
	require.NoError(t, err)
	require.Contains(t, found(b)[preflight.Problem], "has objects below curated/")
	b.New = false
	require.NotEmpty(t, found(b)[preflight.OK], "objects of the stack: %v", found(b))
	testAliasOfTheBucketsKey(t, a, client, found)
}

// The bucket's settings may name the key by any of its aliases.
func testAliasOfTheBucketsKey(t *testing.T, a *account, client *s3.Client, found func(preflight.Bucket) map[preflight.Status]string) {
	t.Helper()
	keys := kms.NewFromConfig(a.cfg)
	made, err := keys.CreateKey(t.Context(), &kms.CreateKeyInput{})
	require.NoError(t, err)
	_, err = keys.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String("alias/events"), TargetKeyId: made.KeyMetadata.KeyId})
	require.NoError(t, err)
	b := preflight.Bucket{Name: "my-own-events", KeyArn: *made.KeyMetadata.Arn}
	for alias, want := range map[string]string{
		"alias/events": "",
		"arn:aws:kms:us-east-1:000000000000:alias/events": "",
		*made.KeyMetadata.KeyId:                           "",
		"alias/others":                                    "is encrypted with alias/others, and store-events:existingBucketKeyArn is",
		"arn:aws:kms:us-east-1:000000000000:alias/aws/s3": "is encrypted with the AWS managed key aws/s3",
	} {
		_, err = client.PutBucketEncryption(t.Context(), &s3.PutBucketEncryptionInput{Bucket: &b.Name, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
			Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &alias}}},
		}})
		require.NoError(t, err)
		require.Contains(t, found(b)[preflight.Problem], want, alias)
		require.Equal(t, want == "", found(b)[preflight.OK] != "", alias)
	}
}
