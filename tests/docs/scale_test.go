package docs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/bench/scale"
	"store-events/config"
	"store-events/policy/price"
)

// TestScale compares the table of docs/scale.md with what the measured constants give.
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
	page := read(t, "docs/scale.md")
	before, rest, found := strings.Cut(page, begin)
	require.True(t, found, "the table begins with its mark")
	said, after, found := strings.Cut(rest, end)
	require.True(t, found, "the table ends with its mark")
	if *update {
		text := before + begin + want + end + after
		require.NoError(t, os.WriteFile(filepath.Join(root, "docs/scale.md"), []byte(text), 0o600))
		return
	}
	require.Equal(t, want, said, "run go test ./tests/docs -run TestScale -update")
}
