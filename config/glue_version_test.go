package config

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/price"
)

// https://docs.aws.amazon.com/glue/latest/dg/release-notes.html
func TestGlueRuntimes(t *testing.T) {
	runtimes := map[string][]string{"5.1": {"3.5.6", "3.11"}, "6.0": {"4.1.1", "3.13"}} // Spark and Python.
	for _, v := range GlueVersions() {
		require.Equal(t, runtimes[v.Name], []string{v.Spark, v.Python}, v.Name)
	}
}

// The setup (another module) and the price list must cover each version: Spark, packages and price.
func TestEveryGlueVersionIsSetUpAndPriced(t *testing.T) {
	suffix := map[string]string{"5.1": "", "6.0": "6"}
	prices, err := price.Load()
	require.NoError(t, err)
	for _, version := range GlueVersions() {
		require.Contains(t, suffix, version.Name)
		tests := locked(t, "job"+suffix[version.Name])
		require.Equal(t, version.Spark, tests["pyspark"], version.Name)
		for name, pinned := range locked(t, "glue"+suffix[version.Name]) {
			if tested, both := tests[name]; both && (name == "boto3" || name == "numpy" || name == "pandas" || name == "pyarrow") {
				require.Equal(t, pinned, tested, "%s of Glue %s", name, version.Name)
			}
		}
		_, known := prices.Of(price.GlueJobDPU(version.Name))
		require.True(t, known, version.Name)
	}
}

var pin = regexp.MustCompile(`(?m)^([a-z0-9-]+)==([^ ]+)`)

// locked returns the package versions of an environment of the setup.
func locked(t *testing.T, name string) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "tools", "setup", "python", name+".lock")) //nolint:gosec // A file of the project.
	require.NoError(t, err)
	versions := map[string]string{}
	for _, m := range pin.FindAllStringSubmatch(string(raw), -1) {
		versions[m[1]] = m[2]
	}
	require.NotEmpty(t, versions)
	return versions
}
