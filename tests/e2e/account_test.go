package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"localaws/daemon"
	"store-events/config"
	"store-events/deploy"
	"store-events/program"
	"store-events/program/output"
	"store-events/program/project"
	"store-events/tests/testtools"
)

// secretOutputs are the outputs with the secrets of all logins.
var secretOutputs = []string{output.MasterSecretArn, output.LoaderSecretArn, output.ReaderSecretArn}

// TestStacksOfOneAccount deploys dev and prod with their settings to one local AWS. Its
// parts run in order and depend on each other.
func TestStacksOfOneAccount(t *testing.T) {
	s := newStack(t)
	s.run(t, nil, "local", "start")
	ports := testtools.FreePorts(t, 3)
	dev := s.open(t, "dev", map[string]string{"databasePort": strconv.Itoa(ports[0])})
	prodSettings := map[string]string{"databasePort": strconv.Itoa(ports[1])}
	prod := s.open(t, "prod", prodSettings)
	out, kept := up(t, dev), up(t, prod)

	t.Run("two stacks share no resources", func(t *testing.T) {
		for name, value := range out {
			if text, ok := value.(string); ok && name != output.Region && name != output.DatabaseName && name != output.TargetTable && name != output.CuratedTable {
				require.NotEqual(t, text, kept[name], name)
			}
		}
		unchanged(t, dev)
		unchanged(t, prod)
	})

	t.Run("rotated passwords survive a refresh", func(t *testing.T) {
		for range 2 { // After two rotations AWS deletes versions without a label.
			for _, secret := range secretOutputs {
				s.rotate(t, out, secret)
			}
		}
		before := s.passwords(t, out)
		_, err := dev.Refresh(t.Context())
		require.NoError(t, err)
		out = up(t, dev)
		require.Equal(t, before, s.passwords(t, out))
		unchanged(t, dev)
	})

	t.Run("rotated passwords survive a change of the port", func(t *testing.T) {
		before := s.passwords(t, out)
		dev = s.open(t, "dev", map[string]string{"databasePort": strconv.Itoa(ports[2])})
		out = up(t, dev)
		require.Contains(t, out[output.DatabaseEndpoint], ":"+strconv.Itoa(ports[2]))
		require.Equal(t, before, s.passwords(t, out))
		unchanged(t, dev)
	})

	t.Run("a lost secret is created again", func(t *testing.T) {
		for _, lost := range []string{output.ReaderSecretArn, output.MasterSecretArn} {
			_, err := secretsmanager.NewFromConfig(s.config(out)).DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{
				SecretId: aws.String(out[lost].(string)), ForceDeleteWithoutRecovery: aws.Bool(true),
			})
			require.NoError(t, err)
			_, err = dev.Refresh(t.Context())
			require.NoError(t, err)
			out = up(t, dev)
			s.passwords(t, out)
			for _, secret := range secretOutputs {
				s.rotate(t, out, secret)
			}
			s.passwords(t, out)
		}
		unchanged(t, dev)
	})

	t.Run("a preview reports the lost data, and a protected stack refuses", func(t *testing.T) {
		dev = s.open(t, "dev", map[string]string{"databasePort": strconv.Itoa(ports[2]), "databaseName": "other"})
		r, err := dev.Preview(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{"aws:rds/instance:Instance store-events-dev-instance is replaced: its data is DELETED (a change of databaseName, databaseUser or databaseHost)"}, r.DataLoss)

		_, err = s.open(t, "prod", map[string]string{"databasePort": strconv.Itoa(ports[1]), "databaseName": "other"}).Preview(t.Context())
		require.ErrorContains(t, err, "protectData is set, and the change would delete data")
		_, err = prod.Destroy(t.Context())
		require.ErrorContains(t, err, "protectData is set")
	})

	t.Run("a replaced database has the passwords of the secrets", func(t *testing.T) {
		before := s.passwords(t, out)
		out = up(t, dev)
		require.Equal(t, "other", out[output.DatabaseName])
		require.Equal(t, before, s.passwords(t, out))
		require.Equal(t, "other", s.login(t, out, output.ReaderSecretArn).DBName)
		unchanged(t, dev)
	})

	t.Run("a protected stack keeps its data, and can be deployed again", func(t *testing.T) {
		const key = "sale_events/dt=2026-01-01/kept.json"
		s.put(t, kept, key, `{"request_id":"kept"}`)
		s.destroyKept(t, prod, kept)
		s.isKept(t, kept, key)
		prod = s.open(t, "prod", prodSettings)
		again := up(t, prod)
		require.NotEqual(t, kept[output.Bucket], again[output.Bucket])
		require.NotEqual(t, kept[output.Database], again[output.Database])
		s.passwords(t, again)
		s.destroyKept(t, prod, again)
		s.isKept(t, kept, key)
	})
}

// open opens a stack against the local AWS.
func (s *stack) open(t *testing.T, name string, settings map[string]string) *deploy.Deployment {
	t.Helper()
	project, err := project.Find(".")
	require.NoError(t, err)
	full := map[string]string{config.Namespace + ":databaseCaFile": daemon.DatabaseCA(s.state)}
	for key, value := range settings {
		full[config.Namespace+":"+key] = value
	}
	owner, err := credentials.Read(s.state)
	require.NoError(t, err)
	d, err := deploy.Open(t.Context(), deploy.Options{
		ProjectDir: project, StateDir: s.state, Stack: name, Program: program.Func(project), Endpoint: s.endpoint(), Credentials: owner,
		Pulumi: testtools.Pulumi(t), PluginDir: testtools.Plugins(t), Config: full, Environ: os.Environ(),
	})
	require.NoError(t, err)
	return d
}

func up(t *testing.T, d *deploy.Deployment) map[string]any {
	t.Helper()
	r, err := d.Up(t.Context())
	require.NoError(t, err)
	t.Logf("%s: %v in %.1f s", r.Stack, r.Changes, r.Seconds)
	return r.Outputs
}

func unchanged(t *testing.T, d *deploy.Deployment) {
	t.Helper()
	r, err := d.Preview(t.Context())
	require.NoError(t, err)
	for _, step := range r.Steps {
		require.Equal(t, "same", step.Op, "%s %s: %v", step.Type, step.Name, step.Diffs)
	}
}

// passwords logs in with each secret, and returns the working passwords.
func (s *stack) passwords(t *testing.T, outputs map[string]any) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, secret := range secretOutputs {
		login := s.login(t, outputs, secret)
		require.Equal(t, outputs[output.DatabaseEndpoint], login.Addr, secret)
		require.NoError(t, open(t, login).PingContext(t.Context()), secret)
		all[secret] = login.Passwd
	}
	return all
}

// destroyKept destroys a stack with protectData as in docs/stack-lifecycle.md.
func (s *stack) destroyKept(t *testing.T, d *deploy.Deployment, outputs map[string]any) {
	t.Helper()
	_, err := rds.NewFromConfig(s.config(outputs)).ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{
		DBInstanceIdentifier: aws.String(outputs[output.Database].(string)), DeletionProtection: aws.Bool(false), ApplyImmediately: aws.Bool(true),
	})
	require.NoError(t, err)
	require.NoError(t, d.Unprotect(t.Context()))
	r, err := d.Destroy(t.Context())
	require.NoError(t, err)
	require.Empty(t, r.DataLoss)
}

// isKept checks what a destroy must keep: an object of the events bucket, the bucket's
// protection, its key, and the database's final snapshot.
func (s *stack) isKept(t *testing.T, outputs map[string]any, object string) {
	t.Helper()
	cfg, bucket := s.config(outputs), aws.String(outputs[output.Bucket].(string))
	_, err := s.s3(outputs).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: bucket, Key: &object})
	require.NoError(t, err)
	access, err := s.s3(outputs).GetPublicAccessBlock(t.Context(), &s3.GetPublicAccessBlockInput{Bucket: bucket})
	require.NoError(t, err)
	require.True(t, aws.ToBool(access.PublicAccessBlockConfiguration.BlockPublicPolicy))
	policy, err := s.s3(outputs).GetBucketPolicy(t.Context(), &s3.GetBucketPolicyInput{Bucket: bucket})
	require.NoError(t, err)
	require.Contains(t, aws.ToString(policy.Policy), "TLSOnly")

	require.Equal(t, "Enabled", keyState(t, cfg, outputs[output.KeyArn].(string)))
	snapshots, err := rds.NewFromConfig(cfg).DescribeDBSnapshots(t.Context(), &rds.DescribeDBSnapshotsInput{
		DBSnapshotIdentifier: aws.String(outputs[output.Database].(string) + "-final"),
	})
	require.NoError(t, err)
	require.Len(t, snapshots.DBSnapshots, 1)
	catalog, err := glue.NewFromConfig(cfg).GetDataCatalogEncryptionSettings(t.Context(), &glue.GetDataCatalogEncryptionSettingsInput{})
	require.NoError(t, err)
	if rest := catalog.DataCatalogEncryptionSettings.EncryptionAtRest; rest != nil {
		require.EqualValues(t, "DISABLED", rest.CatalogEncryptionMode, "the account's catalog is no longer encrypted")
	}
}

// keyState calls KMS without its SDK, which would be a dependency for a single call.
func keyState(t *testing.T, cfg aws.Config, arn string) string {
	t.Helper()
	body := `{"KeyId":"` + arn + `"}`
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, aws.ToString(cfg.BaseEndpoint), strings.NewReader(body))
	require.NoError(t, err)
	r.Header.Set("X-Amz-Target", "TrentService.DescribeKey")
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	credentials, err := cfg.Credentials.Retrieve(t.Context())
	require.NoError(t, err)
	hash := sha256.Sum256([]byte(body))
	require.NoError(t, v4.NewSigner().SignHTTP(t.Context(), credentials, r, hex.EncodeToString(hash[:]), "kms", cfg.Region, time.Now()))
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { require.NoError(t, answer.Body.Close()) }()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	var out struct{ KeyMetadata struct{ KeyState string } }
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&out))
	return out.KeyMetadata.KeyState
}
