package artifacts

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"store-events/internal/atomicfile"
)

// epoch is the modification time of all entries: the earliest of the zip format.
var epoch = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// entry is a file in a zip archive.
type entry struct {
	name    string
	mode    fs.FileMode
	content []byte
}

// writeZip writes a zip archive whose bytes depend on names, modes and contents
// only.
func writeZip(target string, entries ...entry) error {
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	var buffer bytes.Buffer
	z := zip.NewWriter(&buffer)
	for _, e := range entries {
		header := &zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: epoch}
		header.SetMode(e.mode)
		w, err := z.CreateHeader(header)
		if err != nil {
			return fmt.Errorf("zip %s: %w", target, err)
		}
		if _, err := w.Write(e.content); err != nil {
			return fmt.Errorf("zip %s: %w", target, err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("zip %s: %w", target, err)
	}
	return replaceFile(target, buffer.Bytes())
}

// holds reports whether e is the only entry of an archive that writeZip wrote.
func holds(archive string, e entry) bool {
	z, err := zip.OpenReader(archive)
	if err != nil {
		return false
	}
	defer func() { _ = z.Close() }()
	if len(z.File) != 1 {
		return false
	}
	f := z.File[0]
	if f.Name != e.name || f.Mode() != e.mode || !f.Modified.Equal(epoch) || f.UncompressedSize64 != uint64(len(e.content)) {
		return false
	}
	r, err := f.Open()
	if err != nil {
		return false
	}
	defer func() { _ = r.Close() }()
	content, err := io.ReadAll(r)
	return err == nil && bytes.Equal(content, e.content)
}

// replaceFile replaces a file atomically. It is a no-op if the file already has this content.
func replaceFile(target string, content []byte) error {
	old, err := os.ReadFile(target) //nolint:gosec // The caller's own folder.
	if err == nil && bytes.Equal(old, content) {
		return nil
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("replace %s: %w", target, err)
	}
	if err := atomicfile.Write(target, content, 0o600); err != nil {
		return fmt.Errorf("replace %s: %w", target, err)
	}
	return nil
}
