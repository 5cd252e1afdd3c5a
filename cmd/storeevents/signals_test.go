package main

import (
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAClosedTerminalEndsACommandUnlessItIsIgnored(t *testing.T) {
	require.Equal(t, []os.Signal{syscall.SIGHUP}, hangUp())
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	require.Empty(t, hangUp(), "under nohup")
}
