package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"store-events/deploy"
	"store-events/tests/testtools"
)

// A stack whose first update has failed has no outputs, but its database may exist and be protected.
func TestProtectionOfAnUnfinishedStackIsLifted(t *testing.T) {
	t.Setenv("STORE_EVENTS_CONFIG", "")
	var modified []string
	rds := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		modified = append(modified, r.PostForm.Get("Action")+" "+r.PostForm.Get("DBInstanceIdentifier")+" "+r.PostForm.Get("DeletionProtection"))
		_, _ = io.WriteString(w, "<ModifyDBInstanceResponse><ModifyDBInstanceResult/></ModifyDBInstanceResponse>")
	}))
	defer rds.Close()
	dir, state := t.TempDir(), t.TempDir()
	copyProject(t, dir)
	file := deploy.SettingsFile(dir, deploy.LocalStack)
	settings, err := deploy.ReadSettings(dir, deploy.LocalStack)
	require.NoError(t, err)
	text, err := os.ReadFile(file) //nolint:gosec // A file of this test.
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll(string(text), settings.Endpoint(), rds.URL)), 0o600))

	a := newApp(io.Discard, io.Discard)
	a.project, a.state, a.stack, a.output = dir, state, deploy.LocalStack, "text"
	require.NoError(t, a.prepare())
	_, err = credentials.Open(a.state)
	require.NoError(t, err)
	d, err := a.open(t.Context())
	require.NoError(t, err)
	importState(t, state, `{"urn":"urn:pulumi:local::store-events::aws:rds/instance:Instance::db","custom":true,"id":"db-1","type":"aws:rds/instance:Instance",
		"protect":true,"provider":"urn:pulumi:local::store-events::pulumi:providers:aws::p::provider-id","outputs":{"identifier":"store-events-local-1"}}`)
	p, err := d.Protection(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"db"}, p.Protected)
	_, err = a.outputs(t.Context())
	require.ErrorIs(t, err, deploy.ErrNotDeployed)

	require.NoError(t, a.liftUnfinished(t.Context(), d))
	require.Equal(t, []string{"ModifyDBInstance store-events-local-1 false"}, modified)
	p, err = d.Protection(t.Context())
	require.NoError(t, err)
	require.Empty(t, p.Protected)
}

// A destroy would wait for what depends on resources that the state lacks.
func TestResourcesThatTheStateLacksEndWithTheLocalAWS(t *testing.T) {
	t.Setenv("STORE_EVENTS_CONFIG", "")
	a := newApp(io.Discard, io.Discard)
	a.project, a.state, a.stack, a.output = t.TempDir(), t.TempDir(), deploy.LocalStack, "text"
	copyProject(t, a.project)
	require.NoError(t, a.prepare())
	_, err := credentials.Open(a.state)
	require.NoError(t, err)
	_, err = a.open(t.Context())
	require.NoError(t, err)
	resource := func(protect bool) {
		importState(t, a.state, fmt.Sprintf(`{"urn":"urn:pulumi:local::store-events::aws:ec2/vpc:Vpc::vpc","custom":true,"id":"vpc-1","type":"aws:ec2/vpc:Vpc",
			"protect":%t,"provider":"urn:pulumi:local::store-events::pulumi:providers:aws::p::provider-id"}`, protect))
		interruptCreation(t, a.state, `"urn":"urn:pulumi:local::store-events::aws:kms/key:Key::key","custom":true,"type":"aws:kms/key:Key"`)
	}
	resource(false)
	_, err = a.destroy(t.Context(), false)
	require.ErrorIs(t, err, errPending)
	require.ErrorContains(t, err, "that the stack's state lacks (key)")

	resource(true)
	a.config = map[string]string{"store-events:protectData": "true", "store-events:databaseBackupDays": "7"}
	_, err = a.destroy(t.Context(), false)
	require.ErrorContains(t, err, "protectData is set for stack local (vpc)")
}

func TestForceWaitsForAnotherCommand(t *testing.T) {
	state := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(state, "deploy", deploy.LocalStack), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(state, stateMark), nil, 0o600))
	unlock, err := deploy.Lock(t.Context(), deploy.Options{StateDir: state, Stack: deploy.LocalStack})
	require.NoError(t, err)
	status, stderr := forceDown(t, state)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "another command is changing this stack: wait until it ends")
	require.DirExists(t, state)
	unlock()
	status, stderr = forceDown(t, state)
	require.Zero(t, status, stderr)
	require.NoDirExists(t, state)
}

// interruptCreation adds a resource to the local stack's state as an engine that is killed leaves it. An import would
// drop it.
func interruptCreation(t *testing.T, state, resource string) {
	t.Helper()
	file := filepath.Join(state, "deploy", "backend", ".pulumi", "stacks", "store-events", "local.json")
	text, err := os.ReadFile(file) //nolint:gosec // A file of this test.
	require.NoError(t, err)
	before, after, found := strings.Cut(string(text), `"resources"`)
	require.True(t, found, "%s", text)
	text = []byte(before + `"pending_operations":[{"type":"creating","resource":{` + resource + `}}],"resources"` + after)
	require.NoError(t, os.WriteFile(file, text, 0o600))
}

// importState makes a resource the only one of the local stack.
func importState(t *testing.T, state, resource string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(file, []byte(fmt.Sprintf(`{"version":3,"deployment":{"manifest":{"time":"2026-01-01T00:00:00Z","magic":"","version":""},"resources":[
		{"urn":"urn:pulumi:local::store-events::pulumi:pulumi:Stack::store-events-local","custom":false,"type":"pulumi:pulumi:Stack"},
		{"urn":"urn:pulumi:local::store-events::pulumi:providers:aws::p","custom":true,"id":"provider-id","type":"pulumi:providers:aws"},%s]}}`, resource)), 0o600))
	place := filepath.Join(state, "deploy")
	cmd := exec.CommandContext(t.Context(), testtools.Pulumi(t), "stack", "import", "--non-interactive", "--stack", deploy.LocalStack, "--file", file) //nolint:gosec // The tests' CLI.
	cmd.Dir = filepath.Join(place, deploy.LocalStack)
	cmd.Env = append(os.Environ(), "PULUMI_BACKEND_URL=file://"+filepath.Join(place, "backend"),
		"PULUMI_CONFIG_PASSPHRASE_FILE="+filepath.Join(place, "passphrase"), "PULUMI_SKIP_UPDATE_CHECK=true")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}
