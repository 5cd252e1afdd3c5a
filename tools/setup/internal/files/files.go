// Package files replaces files of a cache atomically: a reader sees
// the old or the new content, even if the writer is killed.
package files

import (
	"io"
	"os"
	"path/filepath"
)

// Write replaces a file atomically.
func Write(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a cache of public tools
		return err
	}
	tmp := path + ".new"
	if err := os.WriteFile(tmp, b, 0o644); err != nil { //nolint:gosec // as above
		return err
	}
	return os.Rename(tmp, path)
}

// Copy creates or replaces a file with another's content and execute bits. A program that
// runs from the old file continues with it. An equal file is not written, so that it keeps
// its time, by which the go command detects changes.
func Copy(from, to string) (err error) {
	if same, err := equal(from, to); same || err != nil {
		return err
	}
	r, err := os.Open(from) //nolint:gosec // of the project, the cache or the module cache
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	info, err := r.Stat()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // a cache of public tools
		return err
	}
	tmp := to + ".new"
	w, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644|info.Mode()&0o111) //nolint:gosec // as above
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r)
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp, to)
}

// equal reports whether both files exist, with the same content and execute bits.
func equal(a, b string) (bool, error) {
	infoA, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	infoB, err := os.Stat(b)
	if err != nil || infoA.Size() != infoB.Size() || (infoA.Mode()^infoB.Mode())&0o111 != 0 {
		return false, nil //nolint:nilerr // Unreadable files are written again.
	}
	sumA, err := checksum(a)
	if err != nil {
		return false, err
	}
	sumB, err := checksum(b)
	return err == nil && sumA == sumB, nil
}

// Place moves a finished file to its place in the cache.
func Place(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // a cache of public tools
		return err
	}
	return os.Rename(from, to)
}

// Link makes to a symbolic link to a file elsewhere.
func Link(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // a cache of public tools
		return err
	}
	tmp := to + ".new"
	if err := os.RemoveAll(tmp); err != nil {
		return err
	}
	if err := os.Symlink(from, tmp); err != nil {
		return err
	}
	return os.Rename(tmp, to)
}

// ReplaceDir replaces a folder by a finished one.
func ReplaceDir(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	return os.Rename(from, to)
}

// Exists reports whether a file or a folder exists.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
