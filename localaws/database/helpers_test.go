package database_test

import (
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	waitFor = 10 * time.Second
	tick    = 50 * time.Millisecond
)

func portText(port int) string { return strconv.Itoa(port) }

func kill(t *testing.T, pid string) {
	t.Helper()
	id, err := strconv.Atoi(strings.TrimSpace(pid))
	require.NoError(t, err)
	require.NoError(t, syscall.Kill(id, syscall.SIGKILL))
}
