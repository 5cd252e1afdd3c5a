package artifacts

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// withWheel returns a project folder with one wheel and the given SHA256SUMS.
func withWheel(t *testing.T, contents, sums string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"driver-1.0-py3-none-any.whl": contents, "SHA256SUMS": sums} {
		file := filepath.Join(dir, vendored, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	return dir
}

func TestWheelsAreZipsForTheExecutors(t *testing.T) {
	dir := withWheel(t, "wheel", fmt.Sprintf("%x  driver-1.0-py3-none-any.whl\n", sha256.Sum256([]byte("wheel"))))
	packed, err := packWheels(dir, dir)
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "driver-1.0-py3-none-any.zip")}, packed)
	contents, err := os.ReadFile(packed[0])
	require.NoError(t, err)
	require.Equal(t, "wheel", string(contents))
}

func TestUnreviewedWheelIsRefused(t *testing.T) {
	listed := fmt.Sprintf("%x  driver-1.0-py3-none-any.whl\n", sha256.Sum256([]byte("wheel")))
	for name, tc := range map[string]struct{ contents, sums, want string }{
		"changed":    {"another wheel", listed, "not the one that was reviewed"},
		"not listed": {"wheel", "", "not the one that was reviewed"},
		"missing":    {"wheel", listed + listed[:64] + "  other.whl\n", "other.whl: listed in SHA256SUMS, but missing"},
		"malformed":  {"wheel", "driver-1.0-py3-none-any.whl\n", "is not"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := withWheel(t, tc.contents, tc.sums)
			_, err := packWheels(dir, dir)
			require.ErrorContains(t, err, tc.want)
		})
	}
}
