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

// The document contains errors, so that the comment can show them.
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

// The engine is the CLI on PATH: the previewed project is not set up like this one.
func TestCLIOnPathIsUsed(t *testing.T) {
	dir, bin := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: other\nruntime: yaml\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte("config: {}\n"), 0o600))
	cli := "#!/bin/sh\necho 'the engine refuses' >&2\nexit 1\n"
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pulumi"), []byte(cli), 0o700)) //nolint:gosec // An executable.
	t.Setenv("PATH", bin)
	var out bytes.Buffer
	require.ErrorContains(t, run(t.Context(), &out, deploy.Options{ProjectDir: dir, Stack: "dev"}, ""), "the engine refuses")
}
