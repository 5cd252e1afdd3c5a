package toolchain

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// `pip download` has fewer options than `pip install`, and fails on one that it lacks.
func TestDownloadHasNoOptionsOfInstall(t *testing.T) {
	require.Contains(t, locked([]string{"python", "-m", "pip", "install"}, "job.lock").args, "--no-compile")
	download := locked([]string{"python", "-m", "pip", "download"}, "job.lock").args
	require.NotContains(t, download, "--no-compile")
	require.Subset(t, download, []string{"--require-hashes", "-r", "job.lock"})
}
