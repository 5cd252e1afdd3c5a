// Package testtools finds the programs that the product's tests run, like the setup: on this machine, or in the setup's
// cache. A test whose tool is missing fails; it is not skipped.
package testtools

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	localtesttools "localaws/testtools"
	"localaws/tools"
	"store-events/tools/setup/toolchain"
)

// Paths returns the tools of the local AWS.
func Paths(t testing.TB) tools.Paths {
	t.Helper()
	localtesttools.DependOnTools()
	file := os.Getenv(tools.Variable)
	if file == "" {
		file = find(t, "localaws.json")
	}
	paths, err := tools.Read(file)
	if err != nil {
		t.Fatalf("%v\nrun `make setup`", err)
	}
	return paths
}

// Ministack returns the path of the emulator's executable.
func Ministack(t testing.TB) string {
	t.Helper()
	return Paths(t).Ministack
}

// Python returns the path of an interpreter with boto3 and the packages of the job's tests.
func Python(t testing.TB) string {
	t.Helper()
	return find(t, "venv/bin/python")
}

// Database returns the folder of the database server that the setup chose.
func Database(t testing.TB) string {
	t.Helper()
	return Paths(t).Database
}

// Pulumi returns the path of the engine's executable.
func Pulumi(t testing.TB) string {
	t.Helper()
	return resolve(t, toolchain.StepPulumi).Pulumi
}

// Plugins returns a folder with the provider executables pulumi-resource-*. Those of this machine are linked, so that an
// engine with an empty PULUMI_HOME finds them.
func Plugins(t testing.TB) string {
	t.Helper()
	built := resolve(t, toolchain.StepProviders).PluginDir
	found := slices.Collect(maps.Values(toolchain.Plugins()))
	if slices.Contains(found, "") {
		return built
	}
	dir := t.TempDir()
	for _, plugin := range found {
		if err := os.Symlink(plugin, filepath.Join(dir, filepath.Base(plugin))); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func resolve(t testing.TB, step string) toolchain.Paths {
	t.Helper()
	localtesttools.DependOnTools()
	paths, err := toolchain.Resolve(t.Context(), toolchain.Options{}, step)
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// FreePorts returns different unused ports of 127.0.0.1.
func FreePorts(t testing.TB, n int) []int {
	t.Helper()
	return localtesttools.FreePorts(t, n)
}

func find(t testing.TB, inCache string) string {
	t.Helper()
	localtesttools.DependOnTools()
	cache, err := toolchain.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(cache, inCache)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run `make setup`", err)
	}
	return path
}
