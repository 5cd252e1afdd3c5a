package project

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"store-events/lambda/build"
	"store-events/schema"
)

// Files are what a deployment uploads, as paths on this machine.
type Files struct {
	// Producer is the zip of the producer function.
	Producer string
	// Rotation is the zip of the rotation function.
	Rotation string
	// Script is the Glue job's entry script.
	Script string
	// Python are the zip archives that the script imports from, on the driver and
	// on the executors.
	Python []string
	// Authorities may sign the database's certificate, in PEM.
	Authorities string
}

// Build builds the functions and packs the job's helpers, into the project's bin
// folder. The same sources give the same bytes. The file of the database's
// authorities may be a path in the project; empty is Amazon's.
func Build(ctx context.Context, projectDir, caFile string) (Files, error) {
	bin := filepath.Join(projectDir, "bin")
	files := Files{Script: filepath.Join(projectDir, script)}
	var err error
	if files.Authorities, err = authorities(projectDir, caFile); err != nil {
		return Files{}, err
	}
	if files.Producer, err = build.Zip(ctx, projectDir, bin); err != nil {
		return Files{}, err
	}
	if files.Rotation, err = build.Function(ctx, projectDir, bin, "rotation"); err != nil {
		return Files{}, err
	}
	helpers := filepath.Join(bin, "store_events.zip")
	if err := packHelpers(projectDir, helpers); err != nil {
		return Files{}, err
	}
	wheels, err := packWheels(projectDir, bin)
	if err != nil {
		return Files{}, err
	}
	files.Python = append([]string{helpers}, wheels...)
	return files, nil
}

// packHelpers writes the job's own Python package, with the event contract in
// it, as a zip archive.
func packHelpers(projectDir, target string) error {
	folder := filepath.Join(projectDir, "glue", "store_events")
	contents, err := sources(folder)
	if err != nil || len(contents) == 0 {
		return fmt.Errorf("no helper of the job in %s: %w", folder, cmp.Or(err, fs.ErrNotExist))
	}
	contents["store_events/contract.json"] = schema.JSON()
	packed, err := archive(contents)
	if err != nil {
		return fmt.Errorf("pack the job's helpers: %w", err)
	}
	return replace(target, packed)
}

// sources are the Python files of a package, by their names in an archive.
func sources(folder string) (map[string][]byte, error) {
	contents := map[string][]byte{}
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(file) != ".py" {
			return err
		}
		name, err := filepath.Rel(filepath.Dir(folder), file)
		if err != nil {
			return err
		}
		contents[filepath.ToSlash(name)], err = os.ReadFile(file) //nolint:gosec // A file of the project.
		return err
	})
	return contents, err
}

// archive is a zip that depends on nothing but names and contents: sorted, and
// with one fixed time, the earliest that the format knows.
func archive(contents map[string][]byte) ([]byte, error) {
	names := make([]string, 0, len(contents))
	for name := range contents {
		names = append(names, name)
	}
	slices.Sort(names)
	var buffer bytes.Buffer
	z := zip.NewWriter(&buffer)
	for _, name := range names {
		header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
		header.SetMode(0o644)
		w, err := z.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(w, bytes.NewReader(contents[name])); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return buffer.Bytes(), err
}

// replace writes a file by way of another, so that a reader of the old one is
// not disturbed.
func replace(target string, contents []byte) error {
	temporary, err := os.CreateTemp(filepath.Dir(target), ".pack-")
	if err != nil {
		return fmt.Errorf("write %s: %w", target, err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(contents)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(temporary.Name(), target)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", target, err)
	}
	return nil
}
