package deploy

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

func TestDeployedStackIsReadAndNoneIsMade(t *testing.T) {
	o := Options{
		ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: testtools.Pulumi(t), Environ: os.Environ(),
		Program: func(ctx *pulumi.Context) error {
			ctx.Export("Region", pulumi.String("here"))
			ctx.Export("Password", pulumi.ToSecret("secret"))
			return nil
		},
	}
	d, err := Find(o)
	require.NoError(t, err)
	notDeployed := func() {
		t.Helper()
		_, err = d.Outputs(t.Context())
		require.ErrorIs(t, err, ErrNotDeployed)
		require.EqualError(t, err, "stack local is not deployed")
		_, err = d.State(t.Context())
		require.ErrorIs(t, err, ErrNotDeployed)
	}
	notDeployed()
	stacks, err := filepath.Glob(filepath.Join(o.StateDir, "deploy", "backend", ".pulumi", "stacks", "*", "*"))
	require.NoError(t, err)
	require.Empty(t, stacks, "asking makes no stack")

	opened, err := Open(t.Context(), o)
	require.NoError(t, err)
	notDeployed()
	r, err := opened.Up(t.Context())
	require.NoError(t, err)
	want := map[string]any{"Region": "here", "Password": "secret"}
	require.Equal(t, want, r.Outputs)
	outputs, err := d.Outputs(t.Context())
	require.NoError(t, err)
	require.Equal(t, want, outputs)
	state, err := d.State(t.Context())
	require.NoError(t, err)
	require.Contains(t, string(state), `"pulumi:pulumi:Stack"`)
}

func TestMissingEngineIsExplained(t *testing.T) {
	d, err := Find(Options{ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: filepath.Join(t.TempDir(), "pulumi")})
	require.NoError(t, err)
	_, err = d.Outputs(t.Context())
	require.ErrorContains(t, err, "`make setup` provides one")
}
