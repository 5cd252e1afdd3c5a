// Package testtools finds the programs that tests run: each from an environment variable, else where the set-up
// puts it. A test whose tool is missing fails; none is skipped.
package testtools

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Environment variables that name a tool.
const (
	EnvMinistack = "STORE_EVENTS_MINISTACK"
	EnvPython    = "STORE_EVENTS_PYTHON"
	EnvGlue      = "STORE_EVENTS_GLUE_PYTHON"
	EnvJars      = "STORE_EVENTS_JARS"
	EnvDatabase  = "STORE_EVENTS_DATABASE"
	EnvMariaDB   = "STORE_EVENTS_MARIADB"
	EnvPulumi    = "STORE_EVENTS_PULUMI"
	EnvPlugins   = "STORE_EVENTS_PLUGINS"
	EnvChromium  = "STORE_EVENTS_CHROMIUM"
)

// Ministack is the emulator's executable.
func Ministack(t testing.TB) string {
	return find(t, EnvMinistack, "venv/bin/ministack")
}

// Python is an interpreter that has the packages of the local services and of
// the tests.
func Python(t testing.TB) string {
	return find(t, EnvPython, "venv/bin/python")
}

// GluePython is the interpreter that jobs run in, with the packages of Glue.
func GluePython(t testing.TB) string {
	return find(t, EnvGlue, "glue/bin/python")
}

// Jars is the folder of the jars on Spark's class path.
func Jars(t testing.TB) string {
	return find(t, EnvJars, "jars")
}

// Database is the folder of the database server that the set-up chose, see
// engine.Open.
func Database(t testing.TB) string {
	t.Helper()
	var choice struct{ Folder string }
	// A missing or broken file leaves the folder empty, which find reports.
	if raw, err := os.ReadFile(filepath.Join(cacheDir(t), "database", "choice.json")); err == nil {
		_ = json.Unmarshal(raw, &choice)
	}
	return find(t, EnvDatabase, filepath.Join("database", choice.Folder))
}

// MariaDB is the folder of the server that is used without MySQL.
func MariaDB(t testing.TB) string {
	t.Helper()
	path := os.Getenv(EnvMariaDB)
	if path == "" {
		path = filepath.Join(cacheDir(t), "database", "mariadb")
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run `go run ./tools/setup mariadb`, or set %s", err, EnvMariaDB)
	}
	return path
}

// Pulumi is the engine's executable.
func Pulumi(t testing.TB) string {
	return find(t, EnvPulumi, "bin/pulumi")
}

// Plugins is the folder of the provider executables pulumi-resource-*.
func Plugins(t testing.TB) string {
	return find(t, EnvPlugins, "bin")
}

// Chromium is a browser on PATH: the set-up does not install one.
func Chromium(t testing.TB) string {
	t.Helper()
	if path := os.Getenv(EnvChromium); path != "" {
		return path
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatalf("no Chromium on PATH: install it (Debian: apt-get install chromium), or set %s", EnvChromium)
	return ""
}

func find(t testing.TB, env, inCache string) string {
	t.Helper()
	path := os.Getenv(env)
	if path == "" {
		path = filepath.Join(cacheDir(t), inCache)
	}
	mustExist(t, env, path)
	return path
}

func mustExist(t testing.TB, env, path string) {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: run `make setup`, or set %s", err, env)
	}
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
