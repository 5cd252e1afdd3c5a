package docs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/bench/results"
	"store-events/bench/scale"
	"store-events/config"
	"store-events/policy/price"
)

// TestScale compares the table of docs/scale.md with the results for the measured constants.
func TestScale(t *testing.T) {
	const begin, end = "<!-- scale: written by go test ./tests/docs -run TestScale -update -->\n", "<!-- end of scale -->"
	constants, err := scale.Measured()
	require.NoError(t, err)
	prices, err := price.Load()
	require.NoError(t, err)
	worker, ok := prices.Of(price.GlueJobDPU(config.Default().Etl.GlueVersion))
	require.True(t, ok)
	storage, ok := prices.Of("rds gp3")
	require.True(t, ok)
	want := scale.Table(constants, scale.Prices{DPUHour: worker.USD, StorageGiBMonth: storage.USD}, []float64{10e6, 1e9, 100e9})
	measured, err := results.Read(filepath.Join(root, results.Measured))
	require.NoError(t, err)
	job := measured.Way(results.Job)
	workers, database := job.Processor["workers"], job.Processor["database"]
	want += fmt.Sprintf("\nThe upper bound of throughput follows from the CPU time. In [benchmarks.md](benchmarks.md) a million rows need %.1f CPU seconds "+
		"of the workers and %.1f of the database: at most %s rows a second on two cores. Measured: %s.\n",
		workers, database, rounded(scale.RowsPerSecond(2, workers, database)), rounded(measured.Way(results.Committed).Rate))
	page := read(t, "docs/scale.md")
	before, rest, found := strings.Cut(page, begin)
	require.True(t, found, "start marker of the table")
	current, after, found := strings.Cut(rest, end)
	require.True(t, found, "end marker of the table")
	if *update {
		text := before + begin + want + end + after
		require.NoError(t, os.WriteFile(filepath.Join(root, "docs/scale.md"), []byte(text), 0o600))
		return
	}
	require.Equal(t, want, current, "run go test ./tests/docs -run TestScale -update")
}

// rounded formats a rate in thousands.
func rounded(rate float64) string { return fmt.Sprintf("%.0f,000", rate/1000) }
