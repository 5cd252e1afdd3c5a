package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/ministack"
	"localaws/testtools/front"
	"store-events/components"
	"store-events/config"
	"store-events/deploy"
	"store-events/tests/testtools"
)

// TestTeardownKeepsAnExistingBucket deploys a stack's files to an existing bucket and
// destroys the stack: the bucket, its settings and other objects are kept.
func TestTeardownKeepsAnExistingBucket(t *testing.T) {
	emulator, err := ministack.Start(t.Context(), ministack.Options{
		Command: testtools.Ministack(t), StateDir: t.TempDir(), GatewayURL: "http://127.0.0.1:1", Region: "us-east-1",
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emulator.Stop()) })
	endpoint, owner := front.Serve(t, emulator)
	client := s3.NewFromConfig(awsclient.Signed("us-east-1", endpoint, owner), func(o *s3.Options) { o.UsePathStyle = true })
	name := aws.String("my-own-events")
	_, err = client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: name})
	require.NoError(t, err)
	const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::my-own-events"}]}`
	_, err = client.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: name, Policy: aws.String(policy)})
	require.NoError(t, err)
	for _, key := range []string{"sale_events/dt=2026-01-01/a.json", "reports/q1.csv"} {
		_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: name, Key: &key, Body: strings.NewReader("{}")})
		require.NoError(t, err)
	}
	keys := func() []string {
		t.Helper()
		list, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: name})
		require.NoError(t, err)
		var keys []string
		for _, object := range list.Contents {
			keys = append(keys, *object.Key)
		}
		return keys
	}

	file := filepath.Join(t.TempDir(), "job.py")
	require.NoError(t, os.WriteFile(file, []byte("pass"), 0o600))
	d, err := deploy.Open(t.Context(), deploy.Options{
		ProjectDir: filepath.Join("..", ".."), StateDir: t.TempDir(), Stack: "dev", Endpoint: endpoint, Credentials: owner,
		Pulumi: testtools.Pulumi(t), PluginDir: testtools.Plugins(t), Environ: os.Environ(),
		Program: func(ctx *pulumi.Context) error {
			_, err := components.NewStorage(ctx, "test", &components.StorageArgs{
				Environment: components.Environment{Common: config.Default().Common, Account: "123456789012", Region: "us-east-1", Partition: "aws"},
				Settings:    config.Storage{ExistingBucket: *name}, Script: file, Authorities: file,
			})
			return err
		},
	})
	require.NoError(t, err)
	_, err = d.Up(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"reports/q1.csv", "sale_events/dt=2026-01-01/a.json", "scripts/job.py", "scripts/database-ca.pem"}, keys())
	_, err = d.Destroy(t.Context())
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"reports/q1.csv", "sale_events/dt=2026-01-01/a.json"}, keys())
	kept, err := client.GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: name})
	require.NoError(t, err)
	require.JSONEq(t, policy, *kept.Policy)
}
