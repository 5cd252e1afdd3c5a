// Package layers checks the direction of imports between the three modules of this repository: the product
// in the root, the local AWS in localaws, and the setup of tools in tools/setup. See CONTRIBUTING.md.
package layers

import (
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

const root = "../.."

// place is one of the three modules.
type place struct {
	dir, module string
}

var (
	product  = place{"", "store-events"}
	localAWS = place{"localaws", "localaws"}
	setup    = place{"tools/setup", "store-events/tools/setup"}
)

// placeOf returns the place of a file, or of an import path of this repository. The longer prefix wins,
// because the setup's path has the product's as a prefix.
func placeOf(name string, prefix func(place) string) (place, bool) {
	for _, p := range []place{localAWS, setup, product} {
		if pre := prefix(p); pre == "" || name == pre || strings.HasPrefix(name, pre+"/") {
			return p, true
		}
	}
	return place{}, false
}

func placeOfFile(name string) place {
	p, _ := placeOf(name, func(p place) string { return p.dir })
	return p
}

func placeOfImport(name string) (place, bool) {
	return placeOf(name, func(p place) string { return p.module })
}

// mayRun reports whether a file of the product may import the local AWS and the setup: the command line starts
// both, and tests and benchmarks use them.
func mayRun(file string) bool {
	for _, dir := range []string{"cmd/storeevents/", "tests/", "bench/"} {
		if strings.HasPrefix(file, dir) {
			return true
		}
	}
	return strings.HasSuffix(file, "_test.go")
}

// forbidden returns the reason why a file must not import a package, or "".
func forbidden(file, imported string) string {
	to, ours := placeOfImport(imported)
	from := placeOfFile(file)
	switch {
	case !ours || from == to:
		return ""
	case from == localAWS:
		return "localaws imports only itself"
	case from == setup:
		return "tools/setup imports only itself"
	case mayRun(file):
		return ""
	}
	return "only cmd/storeevents, tests and benchmarks import " + to.module
}

// importsOf returns the import paths of a Go file.
func importsOf(t *testing.T, name string) []string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
	require.NoError(t, err)
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	require.NoError(t, err)
	var paths []string
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		paths = append(paths, path)
	}
	return paths
}

func TestImportsPointInOneDirection(t *testing.T) {
	used := map[place]int{}
	for _, name := range testtools.Files(t, root, "*.go") {
		for _, imported := range importsOf(t, name) {
			if why := forbidden(name, imported); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
			if to, ours := placeOfImport(imported); ours {
				used[to]++
			}
		}
	}
	for _, p := range []place{product, localAWS, setup} {
		require.NotZero(t, used[p], "no import of %s was seen", p.module)
	}
}

func TestForbiddenImportsAreFound(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		allowed        bool
	}{
		{"cmd/storeevents/local.go", "localaws/daemon", true},
		{"cmd/storeevents/stack.go", "store-events/tools/setup/toolchain", true},
		{"ops/query_test.go", "localaws/database", true},
		{"bench/policy/measure.go", "localaws/gateway", true},
		{"tests/e2e/stack_test.go", "localaws/daemon", true},
		{"localaws/gateway/proxy.go", "localaws/credentials", true},
		{"localaws/gateway/proxy.go", "net/http", true},
		{"ops/query.go", "localaws/database", false},
		{"components/network.go", "store-events/tools/setup/toolchain", false},
		{"localaws/gateway/proxy.go", "store-events/schema", false},
		{"localaws/gateway/proxy_test.go", "store-events/schema", false},
		{"localaws/gateway/proxy.go", "store-events/tools/setup/toolchain", false},
		{"tools/setup/toolchain/run.go", "localaws/database/engine", false},
		{"tools/setup/toolchain/run_test.go", "store-events/config", false},
	} {
		require.Equal(t, c.allowed, forbidden(c.file, c.imported) == "", "%s imports %s", c.file, c.imported)
	}
}

// Every module builds outside of the workspace, too.
func TestModulesBuildWithoutTheWorkspace(t *testing.T) {
	testtools.Files(t, root, "*go.mod", "*go.sum") // The files that go list reads.
	for _, p := range []place{localAWS, setup, product} {
		cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", "./...")
		cmd.Dir = filepath.Join(root, path.Clean("./"+p.dir))
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=readonly")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", p.module, out)
	}
}
