// Command archive writes the files of a folder to a .tar.gz. The archive is reproducible: it
// has no times, owners or other differences between machines.
package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"os"
	"path"
)

func main() {
	out := flag.String("out", "", "archive to write")
	flag.Parse()
	log.SetFlags(0)
	if *out == "" || flag.NArg() != 1 {
		log.Fatalln("usage: archive -out FILE FOLDER")
	}
	if err := write(*out, os.DirFS(flag.Arg(0))); err != nil {
		log.Fatalln("archive:", err)
	}
}

func write(file string, folder fs.FS) (err error) {
	f, err := os.Create(file) //nolint:gosec // The user names it.
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return archive(f, folder)
}

// archive writes regular files in the order of their names.
func archive(to io.Writer, folder fs.FS) error {
	z, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(z)
	err = fs.WalkDir(folder, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return add(w, folder, name)
	})
	return errors.Join(err, w.Close(), z.Close())
}

func add(w *tar.Writer, folder fs.FS, name string) error {
	content, err := fs.ReadFile(folder, name)
	if err != nil {
		return err
	}
	info, err := fs.Stat(folder, name)
	if err != nil {
		return err
	}
	mode := int64(0o644)
	if info.Mode()&0o100 != 0 {
		mode = 0o755
	}
	header := &tar.Header{Name: path.Clean(name), Mode: mode, Size: int64(len(content)), Format: tar.FormatUSTAR}
	if err := w.WriteHeader(header); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	_, err = w.Write(content)
	return err
}
