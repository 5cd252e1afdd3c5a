// Package testtools returns the paths of programs that tests run, from the file of package tools: the file in
// LOCALAWS_TOOLS, or the default file. A test fails if its tool is missing.
package testtools

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"localaws/loopback"
	"localaws/tools"
)

// DependOnTools makes a test's cached result depend on the tools. The go command ignores files outside of the module,
// but checks the environment variables that a test reads, so every change of the tools must change this variable.
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

// Ministack returns the path of the emulator's executable.
func Ministack(t testing.TB) string {
	t.Helper()
	return Paths(t).Ministack
}

// Python returns the path of the emulator's interpreter, which has boto3.
func Python(t testing.TB) string {
	t.Helper()
	return filepath.Join(filepath.Dir(Ministack(t)), "python")
}

// GluePython returns the path of the interpreter for jobs, with the packages of Glue.
func GluePython(t testing.TB) string {
	t.Helper()
	return Paths(t).GluePython
}

// Jars returns the folder with the jars on Spark's class path.
func Jars(t testing.TB) string {
	t.Helper()
	return Paths(t).JarsDir
}

// Database returns the folder of the database server, see engine.Open.
func Database(t testing.TB) string {
	t.Helper()
	return Paths(t).Database
}

// MariaDB returns the folder of a MariaDB server, for tests with both products.
func MariaDB(t testing.TB) string {
	t.Helper()
	dir := filepath.Join(filepath.Dir(Database(t)), "mariadb")
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("%v: install MariaDB there", err)
	}
	return dir
}

// Chromium returns the path of the browser on PATH.
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

// FreePort returns an unused port of 127.0.0.1, see FreePorts.
func FreePort(t testing.TB) int {
	t.Helper()
	return FreePorts(t, 1)[0]
}

// FreePorts returns different unused ports of 127.0.0.1, see loopback.FreePorts.
func FreePorts(t testing.TB, n int) []int {
	t.Helper()
	ports, err := loopback.FreePorts(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	return ports
}
