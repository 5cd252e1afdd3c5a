package layers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// jobFolder is the Python package of the job.
const jobFolder = "glue/store_events/"

// jobLayers are the folders of the job: each imports only earlier ones. The modules without a folder
// come first, and job.py comes last.
var jobLayers = map[string]int{"": 0, "source": 1, "mysql": 2, "rows": 2, "export": 3, "load": 4, "report": 5, "job": 6}

var (
	jobImport = regexp.MustCompile(`(?m)^\s*from store_events(?:\.([a-z_]+))?[a-z_.]* import (\([^)]*\)|.*)`)
	jobNames  = regexp.MustCompile(`\w+`)
)

// jobLayer returns the layer of a module: its folder, "job", or "".
func jobLayer(module string) string {
	first, _, _ := strings.Cut(module, "/")
	if _, ok := jobLayers[first]; ok {
		return first
	}
	return ""
}

// forbiddenJobImports returns the layers that a module of the job imports but must not.
func forbiddenJobImports(module, source string) []string {
	from := jobLayer(module)
	var found []string
	for _, m := range jobImport.FindAllStringSubmatch(source, -1) {
		imported := []string{m[1]}
		if m[1] == "" { // from store_events import a, b
			imported = jobNames.FindAllString(m[2], -1)
		}
		for _, name := range imported {
			to := jobLayer(name)
			if to != from && jobLayers[to] >= jobLayers[from] {
				found = append(found, to)
			}
		}
	}
	return found
}

func TestImportsOfTheJobPointInOneDirection(t *testing.T) {
	used := map[string]bool{}
	for _, name := range testtools.Files(t, root, jobFolder+"*.py") {
		source, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		module := strings.TrimSuffix(strings.TrimPrefix(name, jobFolder), ".py")
		require.Empty(t, forbiddenJobImports(module, string(source)), name)
		used[jobLayer(module)] = true
	}
	require.Len(t, used, len(jobLayers))
}

func TestForbiddenImportsOfTheJobAreFound(t *testing.T) {
	for _, c := range []struct {
		module, source string
		forbidden      []string
	}{
		{"load/batch", "from store_events.export import parquet\nfrom store_events.mysql.database import quoted\n", nil},
		{"load/batch", "from store_events import aws, csv_codec\nfrom store_events.load import runs\n", nil},
		{"job", "from store_events.report import metrics\n", nil},
		{"source/feed", "from store_events.load import ledger\n", []string{"load"}},
		{"source/feed", "    from store_events.rows.sorted_rows import Rows\n", []string{"rows"}},
		{"mysql/ledger", "from store_events.rows.sorted_rows import (\n    NONE,\n)\n", []string{"rows"}},
		{"settings", "from store_events.source import objects\n", []string{"source"}},
		{"load/runs", "from store_events import aws, job\n", []string{"job"}},
	} {
		require.Equal(t, c.forbidden, forbiddenJobImports(c.module, c.source), "%s: %s", c.module, c.source)
	}
}
