package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// https://docs.aws.amazon.com/glue/latest/dg/release-notes.html
func TestWhatVersionsOfGlueRunJobsOn(t *testing.T) {
	runtimes := map[string][]string{"5.1": {"3.5.6", "3.11"}, "6.0": {"4.1.1", "3.13"}} // Spark and Python.
	for _, v := range GlueVersions() {
		require.Equal(t, runtimes[v.Name], []string{v.Spark, v.Python}, v.Name)
	}
}
