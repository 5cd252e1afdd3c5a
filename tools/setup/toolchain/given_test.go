package toolchain

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tools/setup/internal/files"
)

// ensureEngine sets up the CLI and the providers in an empty cache, and returns the states
// of both steps.
func ensureEngine(t *testing.T) (Paths, map[string][]State, error) {
	t.Helper()
	project, err := filepath.Abs("../../..")
	require.NoError(t, err)
	states := map[string][]State{}
	cache := t.TempDir()
	paths, err := Ensure(t.Context(), Options{CacheDir: cache, ProjectDir: project, Progress: func(e Event) {
		states[e.Step] = append(states[e.Step], e.State)
	}}, StepPulumi, StepProviders)
	return paths, states, err
}

// Installed tools are used, and nothing is fetched or built.
func TestInstalledEngineIsUsed(t *testing.T) {
	t.Setenv("PULUMI_HOME", t.TempDir())
	pulumi := program(t, "pulumi", `test "$1" = version && echo v3.260.0`)
	bin := filepath.Dir(pulumi)
	for _, name := range []string{"aws", "random"} {
		require.NoError(t, os.WriteFile(filepath.Join(bin, "pulumi-resource-"+name), []byte("#!/bin/sh\n"), 0o700)) //nolint:gosec // An executable.
	}
	paths, states, err := ensureEngine(t)
	require.NoError(t, err)
	require.Equal(t, pulumi, paths.Pulumi)
	require.Equal(t, map[string][]State{StepPulumi: {Found}, StepProviders: {Found}}, states)
	require.NoDirExists(t, filepath.Join(paths.PluginDir, "..", "build"))
}

// A CLI without providers installs the versions that the program is compiled with.
func TestInstalledCLIInstallsTheProviders(t *testing.T) {
	home := t.TempDir()
	t.Setenv("PULUMI_HOME", home)
	program(t, "pulumi", `
if [ "$1" = version ]; then echo v3.260.0; exit; fi
[ "$1 $2 $3" = "plugin install resource" ] || exit 3
dir="$PULUMI_HOME/plugins/resource-$4-$5"
/bin/mkdir -p "$dir" && echo plugin > "$dir/pulumi-resource-$4"`)
	paths, states, err := ensureEngine(t)
	require.NoError(t, err)
	require.Equal(t, []State{Found}, states[StepPulumi])
	require.Equal(t, []State{Fetching, Queued, Building, Done}, states[StepProviders])
	for _, name := range []string{"aws " + awsVersion, "random " + randomVersion} {
		require.Contains(t, Plugins()[name], home)
	}
	for _, name := range []string{"aws", "random"} {
		require.True(t, files.Exists(filepath.Join(paths.PluginDir, "pulumi-resource-"+name)))
	}
	require.NoDirExists(t, filepath.Join(paths.PluginDir, "..", "build"), "nothing was built")
}

// If the CLI cannot download, the providers are built.
func TestProvidersAreBuiltIfTheyCannotBeInstalled(t *testing.T) {
	t.Setenv("PULUMI_HOME", t.TempDir())
	program(t, "pulumi", `[ "$1" = version ] && echo v3.260.0`)
	tc, _, err := choosing(Options{CacheDir: t.TempDir(), ProjectDir: "../../.."}, nil)
	require.NoError(t, err)
	j, err := tc.newJob(StepProviders)
	require.NoError(t, err)
	require.False(t, tc.installPlugins(t.Context(), j))
	raw, err := os.ReadFile(j.log.Name())
	require.NoError(t, err)
	require.Contains(t, string(raw), "the providers are built instead")

	tc.ignorePath = true
	require.False(t, tc.installPlugins(t.Context(), j))
	program(t, "nothing", "")
	require.False(t, tc.installPlugins(t.Context(), j))
}
