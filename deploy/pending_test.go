package deploy

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// The state is that of an engine that was killed while it created a database.
func TestEngineReportsPendingCreations(t *testing.T) {
	o := localOptions(t, func(*pulumi.Context) error { return nil })
	d := updated(t, o)
	files, _, err := savedStates(o.StateDir)
	require.NoError(t, err)
	file := files["local"]
	state, err := os.ReadFile(file) //nolint:gosec // A file of this test.
	require.NoError(t, err)
	const pending = `"pending_operations":[{"type":"creating","resource":{"urn":"urn:pulumi:local::store-events::aws:rds/instance:Instance::db","custom":true,"type":"aws:rds/instance:Instance"}}],`
	at := bytes.Index(state, []byte(`"resources"`))
	require.Positive(t, at, "%s", state)
	require.NoError(t, os.WriteFile(file, []byte(string(state[:at])+pending+string(state[at:])), 0o600))

	exported, err := d.stack.Export(t.Context())
	require.NoError(t, err)
	p, err := protectionOf(exported.Deployment)
	require.NoError(t, err)
	require.Equal(t, []string{"db"}, p.Pending)
	for range 2 { // The engine keeps the operation.
		r, err := d.Up(t.Context())
		require.NoError(t, err)
		require.Contains(t, strings.Join(r.Notes, "\n"), "Instance::db, interrupted while creating")
	}
	p, err = d.Protection(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"db"}, p.Pending)
}
