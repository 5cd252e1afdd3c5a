package artifacts

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// vendored holds the wheels that the job imports from, with their SHA256SUMS.
const vendored = "glue/vendor"

// packWheels copies the vendored wheels into a folder under names that end in
// .zip, and returns the paths of the copies. The argument --extra-py-files supports
// .py, .zip and .egg: a .whl is importable on the driver, but not on the executors.
// A wheel that is missing or differs from its listed checksum is an error.
func packWheels(projectDir, target string) ([]string, error) {
	folder := filepath.Join(projectDir, vendored)
	sums, err := checksums(filepath.Join(folder, "SHA256SUMS"))
	if err != nil {
		return nil, err
	}
	wheels, err := filepath.Glob(filepath.Join(folder, "*.whl"))
	if err != nil || len(wheels) == 0 {
		return nil, fmt.Errorf("no wheel in %s: the job cannot reach the database without PyMySQL", folder)
	}
	var packed []string
	for _, wheel := range wheels {
		name := filepath.Base(wheel)
		contents, err := os.ReadFile(wheel) //nolint:gosec // A file of the project.
		if err != nil {
			return nil, fmt.Errorf("wheel of the job: %w", err)
		}
		sum := sha256.Sum256(contents)
		if want := sums[name]; want != hex.EncodeToString(sum[:]) {
			return nil, fmt.Errorf("%s: SHA-256 is %x, SHA256SUMS has %q: the file is not the one that was reviewed", wheel, sum, want)
		}
		delete(sums, name)
		zip := filepath.Join(target, strings.TrimSuffix(name, ".whl")+".zip")
		if err := replaceFile(zip, contents); err != nil {
			return nil, err
		}
		packed = append(packed, zip)
	}
	for name := range sums {
		return nil, fmt.Errorf("%s: listed in SHA256SUMS, but missing", filepath.Join(folder, name))
	}
	return packed, nil
}

// checksums reads a file as sha256sum writes it: name -> checksum.
func checksums(file string) (map[string]string, error) {
	text, err := os.ReadFile(file) //nolint:gosec // A file of the project.
	if err != nil {
		return nil, fmt.Errorf("checksums of the job's wheels: %w", err)
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(text)) {
		sum, name, found := strings.Cut(strings.TrimSpace(line), "  ")
		if !found {
			return nil, fmt.Errorf("%s: %q is not \"SHA-256  NAME\"", file, strings.TrimSpace(line))
		}
		sums[name] = sum
	}
	return sums, nil
}
