package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/deploy"
)

// An error is in the document too, so that the comment can show it.
func TestErrorsArePrinted(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: other\nruntime: yaml\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte("config: {}\n"), 0o600))
	var out bytes.Buffer
	err := run(t.Context(), &out, deploy.Options{ProjectDir: dir, Stack: "stage"}, "")
	require.ErrorContains(t, err, `no stack "stage"`)
	var printed struct{ Stack, Error string }
	require.NoError(t, json.Unmarshal(out.Bytes(), &printed))
	require.Equal(t, "stage", printed.Stack)
	require.Contains(t, printed.Error, "there are: dev")

	require.ErrorContains(t, run(t.Context(), &out, deploy.Options{ProjectDir: dir}, ""), "-stack: is missing")
}
