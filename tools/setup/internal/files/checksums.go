package files

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Verify compares the files of a folder with a list in the format of sha256sum. It returns
// an error for a file with another checksum, or a file that is not listed; files in the
// list may be missing.
func Verify(dir, list string) error {
	text, err := os.ReadFile(list) //nolint:gosec // a file of the project
	if err != nil {
		return err
	}
	want := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if sum, name, ok := strings.Cut(strings.TrimSpace(line), "  "); ok {
			want[name] = sum
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		got, err := checksum(filepath.Join(dir, entry.Name()))
		if err != nil {
			return err
		}
		if got != want[entry.Name()] {
			return fmt.Errorf("%s: SHA-256 is %s, and %s has %q: the file is not the one that was reviewed",
				entry.Name(), got, list, want[entry.Name()])
		}
	}
	return nil
}

func checksum(file string) (string, error) {
	r, err := os.Open(file) //nolint:gosec // a file of the cache
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
