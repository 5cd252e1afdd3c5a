package main

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The temporary AWS of a preflight or a rehearsal has its own authority, in every region.
func TestRegionsWithoutAuthoritiesAreRefusedOffline(t *testing.T) {
	dir := initProject(t)
	const file = "program/artifacts/certificates/amazon-rds.pem"
	text, err := os.ReadFile(filepath.Join("..", "..", file))
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), text, 0o600))
	for region, refused := range map[string]bool{"eu-west-1": false, "il-central-1": true} {
		_, err := runInit(dir, "staging", "--yes", "--force", "--region", region)
		require.NoError(t, err)
		a := newApp(io.Discard, io.Discard)
		a.project, a.stack = dir, "staging"
		if refused {
			require.ErrorContains(t, a.checkAuthorities(), "aws:region "+region)
			continue
		}
		require.NoError(t, a.checkAuthorities(), region)
	}
}
