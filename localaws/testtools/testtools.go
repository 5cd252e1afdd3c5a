// Package testtools finds the programs that tests run, in the file of package tools: the one that LOCALAWS_TOOLS
// names, else the default one. A test whose tool is missing fails; none is skipped.
package testtools

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"localaws/loopback"
	"localaws/tools"
)

// DependOnTools makes a test one that depends on the tools, so that the go command does not keep its result when they
// change. The command looks at no files outside of a module, but at the environment that a test reads: whoever changes
// tools changes this variable.
func DependOnTools() { _ = os.Getenv("LOCALAWS_TOOLS_OF") }

// Paths returns the paths of all tools.
func Paths(t testing.TB) tools.Paths {
	t.Helper()
	DependOnTools()
	file := os.Getenv(tools.Variable)
	if file == "" {
		var err error
		if file, err = tools.DefaultFile(); err != nil {
			t.Fatal(err)
		}
	}
	paths, err := tools.Read(file)
	if err != nil {
		t.Fatalf("%v\ninstall the tools, or set %s", err, tools.Variable)
	}
	return paths
}

// Ministack is the emulator's executable.
func Ministack(t testing.TB) string {
	t.Helper()
	return Paths(t).Ministack
}

// Python is the interpreter of the emulator, which has boto3.
func Python(t testing.TB) string {
	t.Helper()
	return filepath.Join(filepath.Dir(Ministack(t)), "python")
}

// GluePython is the interpreter that jobs run in, with the packages of Glue.
func GluePython(t testing.TB) string {
	t.Helper()
	return Paths(t).GluePython
}

// Jars is the folder of the jars on Spark's class path.
func Jars(t testing.TB) string {
	t.Helper()
	return Paths(t).JarsDir
}

// Database is the folder of the database server, see engine.Open.
func Database(t testing.TB) string {
	t.Helper()
	return Paths(t).Database
}

// MariaDB is the folder of a server besides Database, to test with both products.
func MariaDB(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(filepath.Dir(Database(t)), "mariadb")
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("%v: install MariaDB there", err)
	}
	return dir
}

// Chromium is a browser on PATH.
func Chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("no Chromium on PATH: install it (Debian: apt-get install chromium)")
	return ""
}

// FreePort returns a port of 127.0.0.1 that nothing uses, see FreePorts.
func FreePort(t testing.TB) int {
	t.Helper()
	return FreePorts(t, 1)[0]
}

// FreePorts returns different ports of 127.0.0.1, see loopback.FreePorts.
func FreePorts(t testing.TB, n int) []int {
	t.Helper()
	ports, err := loopback.FreePorts(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return ports
}
