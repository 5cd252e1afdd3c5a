package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
)

func TestEveryGlueVersionHasAStepOfTheSetUp(t *testing.T) {
	for _, version := range config.GlueVersions() {
		require.Contains(t, glueSteps, version.Name)
	}
	require.Len(t, glueSteps, len(config.GlueVersions()))
}

func TestALocalStackNeedsTheSparkOfItsGlueVersion(t *testing.T) {
	t.Setenv("STORE_EVENTS_CACHE", t.TempDir())
	a := newApp(&bytes.Buffer{}, &bytes.Buffer{})
	a.project, a.stack = "../..", "local"
	cfg := config.Default()
	cfg.Etl.GlueVersion = "6.0"
	err := a.checkGlueVersion(t.Context(), cfg)
	require.ErrorContains(t, err, "store-events:glueVersion 6.0 on this machine: run `go run ./tools/setup glue6`")
	a.stack = "dev"
	require.NoError(t, a.checkGlueVersion(t.Context(), cfg), "the stack is on AWS")
}
