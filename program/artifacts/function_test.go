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

// copyProject copies the producer's sources to a new folder.
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

// tests/run runs this test first, because it compiles all functions.
func TestBuildIsReproducible(t *testing.T) {
	build := func() (zips [][]byte) {
		built, err := buildFunctions(t.Context(), copyProject(t), t.TempDir(), functionNames...)
		require.NoError(t, err)
		for i, path := range built {
			require.True(t, filepath.IsAbs(path))
			require.Equal(t, functionNames[i]+".zip", filepath.Base(path))
			content, err := os.ReadFile(path) //nolint:gosec // The zip file of this test.
			require.NoError(t, err)
			zips = append(zips, content)
		}
		return zips
	}
	first, second := build(), build()
	require.Len(t, first, len(functionNames))
	for i, content := range first {
		require.True(t, bytes.Equal(content, second[i]), functionNames[i])
		requireBootstrap(t, content)
	}
}

// requireBootstrap checks Lambda's requirements: one executable for Linux on x86-64,
// statically linked.
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

func TestUnchangedFunctionsAreNotBuilt(t *testing.T) {
	t.Setenv("GOFLAGS", "-tags=other") // The caller's environment has no effect.
	dir, out, temporary := copyProject(t), t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temporary)
	stat := func(path string) fs.FileInfo {
		info, err := os.Stat(path)
		require.NoError(t, err)
		return info
	}
	build := func() (archive, program fs.FileInfo, content []byte) {
		built, err := buildFunctions(t.Context(), dir, out, "producer")
		require.NoError(t, err)
		require.Equal(t, []string{filepath.Join(out, "producer.zip")}, built)
		content, err = os.ReadFile(built[0])
		require.NoError(t, err)
		return stat(built[0]), stat(filepath.Join(out, kept, "producer")), content
	}
	archive, program, content := build()
	require.NoError(t, os.WriteFile(filepath.Join(out, "producer.zip"), content, 0o600)) // The file is unchanged.
	again, programAgain, _ := build()
	require.True(t, os.SameFile(archive, again))
	require.True(t, os.SameFile(program, programAgain), "not linked again")
	require.Equal(t, program.ModTime(), programAgain.ModTime(), "a changed file would look like another function")
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	require.Empty(t, left)

	for _, damaged := range [][]byte{nil, content[:len(content)/2], []byte("no archive")} {
		require.NoError(t, os.WriteFile(filepath.Join(out, "producer.zip"), damaged, 0o600))
		_, _, repaired := build()
		require.True(t, bytes.Equal(content, repaired))
	}
	main := filepath.Join(dir, "lambda", "producer", "main.go")
	source, err := os.ReadFile(main) //nolint:gosec // A copy of this test.
	require.NoError(t, err)
	changed := string(source) + "\nfunc init() { println(\"changed\") }\n"
	require.NoError(t, os.WriteFile(main, []byte(changed), 0o600))
	_, _, other := build()
	require.False(t, bytes.Equal(content, other))
	requireBootstrap(t, other)
}

func TestFailedBuildShowsTheCompilersOutput(t *testing.T) {
	dir := copyProject(t)
	broken := filepath.Join(dir, "lambda", "producer", "broken.go")
	require.NoError(t, os.WriteFile(broken, []byte("package main\n\nvar x int = \"text\"\n"), 0o600))
	out := t.TempDir()
	_, err := buildFunctions(t.Context(), dir, out, "producer")
	require.ErrorContains(t, err, "broken.go:3")
	require.NoFileExists(t, filepath.Join(out, "producer.zip"))
}

func TestCanceledBuild(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := buildFunctions(ctx, project, t.TempDir(), "producer")
	require.ErrorIs(t, err, context.Canceled)
}
