package build

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"os"
	"time"
)

// epoch is the time of the zip's entry: the first one that the format knows.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// writeZip puts binary alone into the zip at path, through the temporary file
// at temp. It leaves a zip with the same bytes alone.
func writeZip(binary, temp, path string) error {
	content, err := pack(binary)
	if err != nil {
		return err
	}
	old, err := os.ReadFile(path) //nolint:gosec // The caller's own folder.
	if err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(temp, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temp, path)
}

func pack(binary string) ([]byte, error) {
	in, err := os.Open(binary) //nolint:gosec // Just built.
	if err != nil {
		return nil, err
	}
	defer func() { _ = in.Close() }()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate, Modified: epoch}
	header.SetMode(0o755)
	entry, err := archive.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := io.Copy(entry, in); err != nil {
		return nil, err
	}
	if err := archive.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
