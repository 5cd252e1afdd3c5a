package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSurplusArgumentIsReported(t *testing.T) {
	var out, errs bytes.Buffer
	require.Equal(t, 1, run([]string{"status", "now", "--state", t.TempDir()}, &out, &errs))
	require.Contains(t, errs.String(), `"now": localaws status takes no argument`)
}
