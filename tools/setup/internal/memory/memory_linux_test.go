package memory

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	total, available, err := Read()
	require.NoError(t, err)
	require.Positive(t, available)
	require.LessOrEqual(t, available, total)
}

func TestLimitsOfContainers(t *testing.T) {
	const kib = 1024
	for name, tc := range map[string]struct {
		limits           []string
		total, available uint64
	}{
		"none":               {nil, 8000 * kib, 5000 * kib},
		"cgroup 2 without":   {[]string{"max\n"}, 8000 * kib, 5000 * kib},
		"cgroup 2":           {[]string{"4096000\n"}, 4000 * kib, 4000 * kib},
		"cgroup 1":           {[]string{"", "4096000\n"}, 4000 * kib, 4000 * kib},
		"cgroup 1 without":   {[]string{"", "9223372036854771712\n"}, 8000 * kib, 5000 * kib},
		"more than is there": {[]string{"6144000\n"}, 6000 * kib, 5000 * kib},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "meminfo")
			require.NoError(t, os.WriteFile(file, []byte("MemTotal:  8000 kB\nMemFree: 1 kB\nMemAvailable:  5000 kB\n"), 0o600))
			files := []string{filepath.Join(dir, "missing")}
			for i, limit := range tc.limits {
				name := filepath.Join(dir, string(rune('a'+i)))
				require.NoError(t, os.WriteFile(name, []byte(limit), 0o600))
				files = append(files, name)
			}
			total, available, err := read(file, files)
			require.NoError(t, err)
			require.Equal(t, []uint64{tc.total, tc.available}, []uint64{total, available})
		})
	}
	_, _, err := read(filepath.Join(t.TempDir(), "missing"), nil)
	require.Error(t, err)
}
