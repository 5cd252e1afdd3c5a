package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/bench/results"
)

// TestBenchmarksMatchTheResults compares docs/benchmarks.md and its charts with the latest results.
func TestBenchmarksMatchTheResults(t *testing.T) {
	const begin, end = "<!-- benchmarks: written by go test ./tests/docs -run TestBenchmarks -update -->\n", "<!-- end of benchmarks -->"
	measured, err := results.Read(filepath.Join(root, results.Measured))
	require.NoError(t, err)
	want, charts := measured.Page()
	page := read(t, "docs/benchmarks.md")
	before, rest, found := strings.Cut(page, begin)
	require.True(t, found, "start marker of the results")
	current, after, found := strings.Cut(rest, end)
	require.True(t, found, "end marker of the results")
	folder := filepath.Join(root, "docs", "benchmarks")
	if *update {
		text := before + begin + want + end + after
		require.NoError(t, os.WriteFile(filepath.Join(root, "docs", "benchmarks.md"), []byte(text), 0o600))
		require.NoError(t, os.RemoveAll(folder))
		require.NoError(t, os.MkdirAll(folder, 0o750))
		for name, svg := range charts {
			require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(svg), 0o600))
		}
		return
	}
	const how = "run go test ./tests/docs -run TestBenchmarks -update"
	require.Equal(t, want, current, how)
	files, err := os.ReadDir(folder)
	require.NoError(t, err)
	require.Len(t, files, len(charts), how)
	for name, svg := range charts {
		require.Equal(t, svg, read(t, filepath.Join("docs", "benchmarks", name)), how)
	}
}
