package deploy

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

func TestUnchangedStack(t *testing.T) {
	region := "here"
	o := localOptions(t, func(ctx *pulumi.Context) error {
		ctx.Export("Region", pulumi.String(region))
		return nil
	})
	pack := filepath.Join(t.TempDir(), "pack")
	write(t, pack, "")
	unchanged := func(o Options) (Result, bool) {
		t.Helper()
		d, err := Open(t.Context(), o)
		require.NoError(t, err)
		return d.Unchanged(t.Context(), Result{Stack: "local", Steps: []Step{{Op: "same"}}, Diff: "none"})
	}
	_, is := unchanged(o)
	require.False(t, is, "the stack was never updated")

	d := updated(t, o)
	got, is := unchanged(o)
	require.True(t, is)
	require.Equal(t, Result{Stack: "local", Operation: "up", Steps: []Step{{Op: "same"}}, Outputs: map[string]any{"Region": "here"}}, got)
	_, is = d.Unchanged(t.Context(), Result{Steps: []Step{{Op: "update"}}})
	require.False(t, is, "the preview has a change")

	for what, change := range map[string]func(*Options){
		"another setting": func(o *Options) { o.Config = map[string]string{"store-events:jobWorkers": "3"} },
		"another role":    func(o *Options) { o.AssumeRole = "arn:aws:iam::000000000000:role/deploy" },
		"a policy pack":   func(o *Options) { o.PolicyPacks = []string{pack} },
		"no policy pack":  func(o *Options) { o.PolicyPacks = []string{pack + "-none"} },
	} {
		other := o
		change(&other)
		_, is := unchanged(other)
		require.False(t, is, what)
	}
	_, is = unchanged(o)
	require.True(t, is)

	region = "there"
	cli := o.Pulumi
	o.Pulumi = filepath.Join(t.TempDir(), "pulumi")
	require.NoError(t, os.Symlink(cli, o.Pulumi))
	_, is = unchanged(o)
	require.False(t, is, "another engine")
	updated(t, o)
	got, is = unchanged(o)
	require.True(t, is)
	require.Equal(t, "there", got.Outputs["Region"])

	states, _, err := savedStates(o.StateDir)
	require.NoError(t, err)
	state, err := os.ReadFile(states[o.Stack])
	require.NoError(t, err)
	write(t, states[o.Stack], string(state)+"\n")
	_, is = unchanged(o)
	require.False(t, is, "the state has changed")
	updated(t, o)
	_, is = unchanged(o)
	require.True(t, is)

	end, err := d.opts.begin(t.Context(), d.place)
	require.NoError(t, err)
	_, is = d.Unchanged(t.Context(), Result{})
	require.False(t, is, "another command is changing it")
	end()
	_, is = (&Deployment{opts: o, place: place{dir: d.place.dir}}).Unchanged(t.Context(), Result{})
	require.False(t, is, "a stack on AWS")
}
