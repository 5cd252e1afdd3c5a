// Package testtools finds the programs that the tests of the product run, where the set-up puts them: in
// STORE_EVENTS_CACHE or the user's cache folder. A test whose tool is missing fails; none is skipped.
package testtools

import (
	"os"
	"path/filepath"
	"testing"

	localtesttools "localaws/testtools"
	"localaws/tools"
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

// Ministack is the emulator's executable.
func Ministack(t testing.TB) string {
	t.Helper()
	return Paths(t).Ministack
}

// Python is an interpreter that has boto3 and the packages of the job's tests.
func Python(t testing.TB) string {
	t.Helper()
	return find(t, "venv/bin/python")
}

// Database is the folder of the database server that the set-up chose.
func Database(t testing.TB) string {
	t.Helper()
	return Paths(t).Database
}

// Pulumi is the engine's executable.
func Pulumi(t testing.TB) string {
	t.Helper()
	return find(t, "bin/pulumi")
}

// Plugins is the folder of the provider executables pulumi-resource-*.
func Plugins(t testing.TB) string {
	t.Helper()
	return find(t, "bin")
}

// FreePorts returns different ports of 127.0.0.1 that nothing uses.
func FreePorts(t testing.TB, n int) []int {
	t.Helper()
	return localtesttools.FreePorts(t, n)
}

func find(t testing.TB, inCache string) string {
	t.Helper()
	localtesttools.DependOnTools()
	path := filepath.Join(cacheDir(t), inCache)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run `make setup`", err)
	}
	return path
}

func cacheDir(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("STORE_EVENTS_CACHE"); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Fatalf("no cache folder: %v", err)
	}
	return filepath.Join(dir, "store-events")
}
