package files

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestVerify(t *testing.T) {
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for name, test := range map[string]struct{ list, content, want string }{
		"as listed":      {empty + "  a.jar\n" + empty + "  other.jar\n", "", ""},
		"other content":  {empty + "  a.jar\n", "x", "a.jar: SHA-256 is 2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"},
		"not listed":     {empty + "  b.jar\n", "", "the file is not the one that was reviewed"},
		"an empty list":  {"", "", "the file is not the one that was reviewed"},
		"a cut checksum": {empty[:60] + "  a.jar\n", "", "the file is not the one that was reviewed"},
	} {
		t.Run(name, func(t *testing.T) {
			dir, list := t.TempDir(), filepath.Join(t.TempDir(), "SHA256SUMS")
			require.NoError(t, os.WriteFile(list, []byte(test.list), 0o600))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "a.jar"), []byte(test.content), 0o600))
			err := Verify(dir, list)
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
		})
	}
}
