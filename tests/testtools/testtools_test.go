package testtools

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The setup does not build tools that it finds on this machine.
func TestToolsOfThisMachineAreUsed(t *testing.T) {
	t.Setenv("STORE_EVENTS_CACHE", t.TempDir())
	home, bin := t.TempDir(), t.TempDir()
	t.Setenv("PULUMI_HOME", home)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	program := func(elem ...string) string {
		file := filepath.Join(elem...)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, []byte("#!/bin/sh\necho v3.300.0\n"), 0o700)) //nolint:gosec // An executable.
		return file
	}
	require.Equal(t, program(bin, "pulumi"), Pulumi(t))

	program(bin, "pulumi-resource-random")
	program(home, "plugins", "resource-aws-v6.999.0", "pulumi-resource-aws")
	plugins := Plugins(t)
	for _, name := range []string{"pulumi-resource-aws", "pulumi-resource-random"} {
		_, err := exec.LookPath(filepath.Join(plugins, name))
		require.NoError(t, err)
	}
}
