package toolchain

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tools/setup/internal/files"
)

func TestKeyFollowsContents(t *testing.T) {
	file := filepath.Join(t.TempDir(), "go.sum")
	put := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }
	key := func(in inputs) string {
		k, err := in.key()
		require.NoError(t, err)
		return k
	}
	put("a")
	first := key(inputs{Recipe: "1", Files: []string{file}})
	require.Equal(t, first, key(inputs{Recipe: "1", Files: []string{file}}))
	require.NotEqual(t, first, key(inputs{Recipe: "2", Files: []string{file}}))
	require.NotEqual(t, first, key(inputs{Recipe: "1"}))
	put("b")
	require.NotEqual(t, first, key(inputs{Recipe: "1", Files: []string{file}}))

	_, err := inputs{Files: []string{file + ".gone"}}.key()
	require.ErrorContains(t, err, "an input of the setup")
}

func TestStepWithoutItsResultIsNotDone(t *testing.T) {
	r := newRig(t)
	s := r.fake("tool", nil)
	s.build = nil
	require.ErrorContains(t, r.run(t.Context(), []step{s}), "it ended without its result")
	require.False(t, files.Exists(r.markerFile(s)))
}

func TestGoInputsLeaveTestsOut(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"a.go", "a_test.go", "go.mod", "testdata/b.go", "__pycache__/c.pyc"} {
		require.NoError(t, files.Write(filepath.Join(dir, name), nil))
	}
	in, err := goInputs("r", dir)
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Join(dir, "a.go"), filepath.Join(dir, "go.mod")}, in.Files)
}
