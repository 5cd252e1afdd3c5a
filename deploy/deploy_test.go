package deploy

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/require"
)

const urnOfBucket = "urn:pulumi:dev::store-events::store-events:index:Storage$aws:s3/bucketV2:BucketV2::storage-events"

func project(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Pulumi.yaml"), "name: store-events\nruntime: go\n")
	write(t, filepath.Join(dir, "Pulumi.local.yaml"), `config:
  aws:region: us-east-1
  aws:skipMetadataApiCheck: "true"
  aws:endpoints:
    - s3: http://127.0.0.1:4566
      glue: http://127.0.0.1:4566
`)
	write(t, filepath.Join(dir, "Pulumi.dev.yaml"), "config:\n  aws:region: eu-west-1\n  aws:profile: work\n  store-events:natGateways: 1\n")
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

func TestLocalStacksAreRecognizedByEndpoint(t *testing.T) {
	dir := project(t)
	local, err := ReadSettings(dir, "local")
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:4566", local.Endpoint())
	dev, err := ReadSettings(dir, "dev")
	require.NoError(t, err)
	require.Empty(t, dev.Endpoint())
	dev.Config[endpointsKey] = []any{map[string]any{"s3": "https://s3.example.com"}}
	require.Empty(t, dev.Endpoint(), "a remote address is not this machine")

	_, err = ReadSettings(dir, "stage")
	require.ErrorContains(t, err, "there are: dev, local")
	for _, name := range []string{"", "../dev", "a b"} {
		_, err = ReadSettings(dir, name)
		require.EqualError(t, err, strconv.Quote(name)+" is not the name of a stack of this project (there are: dev, local)")
	}
}

func TestStacksOfAFolderThatLooksLikeAPattern(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "project[1]")
	write(t, SettingsFile(dir, "dev"), "")
	require.Equal(t, []string{"dev"}, Stacks(dir))
}

// The engine adds the project's namespace.
func TestKeysWithoutNamespaceAreTheProjects(t *testing.T) {
	dir := t.TempDir()
	write(t, SettingsFile(dir, "dev"), "config:\n  paused: true\n  aws:region: eu-west-1\n")
	s, err := ReadSettings(dir, "dev")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"store-events:paused": true, "aws:region": "eu-west-1"}, s.Config)

	changed, err := SetConfig(dir, "dev", "store-events:paused", "")
	require.NoError(t, err)
	require.True(t, changed)
	s, err = ReadSettings(dir, "dev")
	require.NoError(t, err)
	require.Equal(t, map[string]any{"aws:region": "eu-west-1"}, s.Config)

	write(t, SettingsFile(dir, "dev"), "config:\n  paused: true\n  store-events:paused: false\n")
	_, err = ReadSettings(dir, "dev")
	require.ErrorContains(t, err, "Pulumi.dev.yaml: paused and store-events:paused are the same setting: remove one of them")
}

// `pulumi config set` stores a list or an object as JSON in a string.
func TestSettingsInJSON(t *testing.T) {
	dir := project(t)
	write(t, SettingsFile(dir, "set"), `config:
  aws:endpoints: '[{"s3": "http://127.0.0.1:4566"}]'
  aws:assumeRole: '{"roleArn": "arn:aws:iam::123456789012:role/deployer"}'
  aws:allowedAccountIds: "[123456789012]"
  aws:defaultTags: "{\n\t\"tags\": {\"Owner\": \"shop\"}}"
  aws:profile: '"[quoted]"'
  store-events:extraColumns: '[{"name": "x"}]'
`)
	s, err := ReadSettings(dir, "set")
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:4566", s.Endpoint())
	require.Equal(t, Login{Profile: `"[quoted]"`, RoleARN: "arn:aws:iam::123456789012:role/deployer"}, s.Login())
	require.Equal(t, []any{123456789012}, s.Config["aws:allowedAccountIds"])
	require.Equal(t, map[string]any{"tags": map[string]any{"Owner": "shop"}}, s.Config["aws:defaultTags"])
	require.Equal(t, `[{"name": "x"}]`, s.Config["store-events:extraColumns"], "of the type in Pulumi.yaml")
}

func TestOverlayKeepsTheStacksSettings(t *testing.T) {
	dir := project(t)
	local, err := ReadSettings(dir, "local")
	require.NoError(t, err)
	dev, err := ReadSettings(dir, "dev")
	require.NoError(t, err)
	at := dev.At(local, "http://127.0.0.1:9999")
	require.Equal(t, "http://127.0.0.1:9999", at.Endpoint())
	require.Equal(t, "eu-west-1", at.Region())
	require.Equal(t, 1, at.Config["store-events:natGateways"])
	require.Equal(t, "true", at.Config["aws:skipMetadataApiCheck"])
	require.NotContains(t, at.Config, "aws:profile")
	require.Empty(t, dev.Endpoint(), "the stack's settings are unchanged")
}

// written writes the settings of a managed stack, and returns its folder and environment.
func (o Options) written(t *testing.T) (string, map[string]string) {
	t.Helper()
	p, err := o.place()
	require.NoError(t, err)
	require.True(t, p.managed)
	require.NoError(t, o.write(p))
	return p.dir, p.env
}

func TestManagedStackDoesNotChangeTheProject(t *testing.T) {
	dir, state := project(t), t.TempDir()
	o := Options{
		ProjectDir: dir, StateDir: state, Stack: "dev", Endpoint: "http://127.0.0.1:9999",
		Config: map[string]string{"store-events:databasePort": "13307"}, Environ: []string{"AWS_PROFILE=work", "HTTPS_PROXY=http://proxy", "HOME=/h"},
	}
	before, err := os.ReadFile(SettingsFile(dir, "dev"))
	require.NoError(t, err)
	o.Credentials = aws.Credentials{AccessKeyID: "AKIALOCAL", SecretAccessKey: "in the state folder"}
	work, env := o.written(t)
	require.Contains(t, env, "AWS_PROFILE")
	require.Equal(t, "AKIALOCAL", env["AWS_ACCESS_KEY_ID"])
	require.Equal(t, "in the state folder", env["AWS_SECRET_ACCESS_KEY"])
	settings, err := os.ReadFile(SettingsFile(work, "dev"))
	require.NoError(t, err)
	require.NotContains(t, string(settings), "in the state folder")
	require.Contains(t, env, "HTTPS_PROXY")
	require.NotContains(t, env, "HOME")
	require.Equal(t, filepath.Join(state, "deploy", "tmp"), env["TMPDIR"], "the provider's copies of assets are in the state folder")
	require.DirExists(t, env["TMPDIR"])

	write(t, SettingsFile(work, "dev"), "encryptionsalt: v1:abc\n") // As the engine does when it creates the stack.
	_, again := o.written(t)
	require.Equal(t, env, again, "the passphrase is kept")
	written, err := readSettings(SettingsFile(work, "dev"))
	require.NoError(t, err)
	require.Equal(t, "v1:abc", written.EncryptionSalt, "the salt is kept")
	require.Equal(t, "13307", written.Config["store-events:databasePort"])
	require.Equal(t, "http://127.0.0.1:9999", written.Endpoint())

	info, err := os.Stat(env["PULUMI_CONFIG_PASSPHRASE_FILE"])
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	after, err := os.ReadFile(SettingsFile(dir, "dev"))
	require.NoError(t, err)
	require.Equal(t, before, after)
}

// `pulumi stack init` writes a file without config.
func TestSettingsOfANewStack(t *testing.T) {
	for name, text := range map[string]string{
		"salt": "encryptionsalt: v1:abc\n", "empty": "", "empty config": "config:\nencryptionsalt: v1:abc\n",
	} {
		dir, state := project(t), t.TempDir()
		write(t, SettingsFile(dir, "new"), text)
		s, err := ReadSettings(dir, "new")
		require.NoError(t, err, name)
		s.Override("store-events:jobWorkers", "3")
		require.Equal(t, map[string]any{"store-events:jobWorkers": "3"}, s.Config, name)

		work, _ := Options{ProjectDir: dir, StateDir: state, Stack: "new", Endpoint: "http://127.0.0.1:9999"}.written(t)
		written, err := readSettings(SettingsFile(work, "new"))
		require.NoError(t, err, name)
		require.Equal(t, "http://127.0.0.1:9999", written.Endpoint(), name)

		file, err := Options{ProjectDir: dir, StateDir: state, Stack: "new", AssumeRole: "arn:aws:iam::123456789012:role/deploy"}.settingsWithRole()
		require.NoError(t, err, name)
		written, err = readSettings(file)
		require.NoError(t, err, name)
		require.Contains(t, written.Config, assumeRoleKey, name)
	}
}

func TestCollector(t *testing.T) {
	c := newCollector("dev", "preview", nil)
	meta := apitype.StepEventMetadata{Op: apitype.OpCreate, URN: urnOfBucket, Type: "aws:s3/bucketV2:BucketV2"}
	for _, e := range []apitype.EngineEvent{
		{ResourcePreEvent: &apitype.ResourcePreEvent{Metadata: meta, Planning: true}},
		{ResOutputsEvent: &apitype.ResOutputsEvent{Metadata: meta, Planning: true}},
		{PolicyEvent: &apitype.PolicyEvent{PolicyName: "s3-tls-only", EnforcementLevel: "mandatory", ResourceURN: urnOfBucket, Message: "<{%reset%}>All is encrypted\n[high] s3-tls-only: no TLS\n  resource: x<{%reset%}>\n"}},
		{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "error", URN: urnOfBucket, Message: "bucket name taken"}},
		{DiagnosticEvent: &apitype.DiagnosticEvent{Severity: "info", Message: "hello"}},
	} {
		c.event(events.EngineEvent{EngineEvent: e})
	}
	require.Equal(t, []string{"hello"}, c.result.Notes)
	require.Len(t, c.result.Steps, 1)
	require.Equal(t, map[string]int{"create": 1}, c.result.Changes)
	require.Equal(t, "storage-events", c.result.Steps[0].Name)
	require.True(t, c.result.Changed())
	require.Equal(t, []Violation{{Policy: "s3-tls-only", Level: "mandatory", Resource: "aws:s3/bucketV2:BucketV2 storage-events", Message: "[high] s3-tls-only: no TLS\n  resource: x"}}, c.result.Violations)

	err := failure(c.result, errors.New("exit status 255"))
	require.ErrorIs(t, err, ErrFailed)
	require.ErrorContains(t, err, "\n  [high] s3-tls-only: no TLS\n  resource: x")
	require.ErrorContains(t, err, "storage-events: bucket name taken")
}

func TestGarbageCollectionOfTheEngine(t *testing.T) {
	o := Options{ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Environ: []string{"HOME=/h"}}
	p, err := o.place()
	require.NoError(t, err)
	require.Equal(t, engineGOGC, p.env["GOGC"])
	o.Environ = []string{"GOGC=50"}
	p, err = o.place()
	require.NoError(t, err)
	require.NotContains(t, p.env, "GOGC", "the user's value is kept")
	o.Environ, o.Stack = nil, "dev"
	p, err = o.place()
	require.NoError(t, err)
	require.NotContains(t, p.env, "GOGC", "the complete provider would need too much memory")
}
