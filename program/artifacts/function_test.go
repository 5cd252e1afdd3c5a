package artifacts

import (
	"archive/zip"
	"bytes"
	"context"
	"debug/elf"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

const project = "../.."

// copyProject copies what the producer is built from to a new folder.
func copyProject(t *testing.T) string {
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := fs.ReadFile(os.DirFS(project), name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	for _, name := range []string{"lambda", "schema"} {
		require.NoError(t, os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(project, name))))
	}
	return dir
}

func TestSameSourceSameBytesAnywhere(t *testing.T) {
	var zips [][]byte
	for range 2 {
		path, err := buildFunction(t.Context(), copyProject(t), t.TempDir(), "producer")
		require.NoError(t, err)
		require.True(t, filepath.IsAbs(path))
		require.Equal(t, "producer.zip", filepath.Base(path))
		content, err := os.ReadFile(path) //nolint:gosec // The zip of this test.
		require.NoError(t, err)
		zips = append(zips, content)
	}
	require.True(t, bytes.Equal(zips[0], zips[1]))
	requireBootstrap(t, zips[0])
}

// requireBootstrap asserts what Lambda requires: one executable for Linux on
// x86-64, linked statically.
func requireBootstrap(t *testing.T, content []byte) {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	require.NoError(t, err)
	require.Len(t, archive.File, 1)
	file := archive.File[0]
	require.Equal(t, "bootstrap", file.Name)
	require.Equal(t, os.FileMode(0o755), file.Mode())
	r, err := file.Open()
	require.NoError(t, err)
	program, err := io.ReadAll(r)
	require.NoError(t, err)
	binary, err := elf.NewFile(bytes.NewReader(program))
	require.NoError(t, err)
	require.Equal(t, elf.EM_X86_64, binary.Machine)
	libraries, err := binary.ImportedLibraries()
	require.NoError(t, err)
	require.Empty(t, libraries)
}

func TestAnUnchangedZipIsLeftAlone(t *testing.T) {
	t.Setenv("GOFLAGS", "-tags=other") // A caller's settings change nothing.
	out := t.TempDir()
	path, err := buildFunction(t.Context(), project, out, "producer")
	require.NoError(t, err)
	before, err := os.Stat(path)
	require.NoError(t, err)
	_, err = buildFunction(t.Context(), project, out, "producer")
	require.NoError(t, err)
	after, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(before, after))
	entries, err := os.ReadDir(out)
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing but the zip")
}

func TestAFailedBuildShowsTheCompilersOutput(t *testing.T) {
	dir := copyProject(t)
	broken := filepath.Join(dir, "lambda", "producer", "broken.go")
	require.NoError(t, os.WriteFile(broken, []byte("package main\n\nvar x int = \"text\"\n"), 0o600))
	out := t.TempDir()
	_, err := buildFunction(t.Context(), dir, out, "producer")
	require.ErrorContains(t, err, "broken.go:3")
	require.NoFileExists(t, filepath.Join(out, "producer.zip"))
}

func TestACancelledBuild(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := buildFunction(ctx, project, t.TempDir(), "producer")
	require.ErrorIs(t, err, context.Canceled)
}
