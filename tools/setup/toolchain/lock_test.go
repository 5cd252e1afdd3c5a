package toolchain

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLockIsHeldByOneAtATime(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cache", "lock")
	unlock, err := lock(t.Context(), path, func() { t.Error("the lock was free") })
	require.NoError(t, err)

	waiting, entered := make(chan struct{}), make(chan func())
	go func() {
		second, err := lock(t.Context(), path, func() { close(waiting) })
		if err == nil {
			entered <- second
		}
	}()
	<-waiting
	select {
	case <-entered:
		t.Fatal("two processes hold the lock")
	case <-time.After(300 * time.Millisecond):
	}
	unlock()
	(<-entered)()
}

func TestWaitingForTheLockCanBeInterrupted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	unlock, err := lock(t.Context(), path, nil)
	require.NoError(t, err)
	defer unlock()
	ctx, cancel := context.WithCancel(t.Context())
	_, err = lock(ctx, path, cancel)
	require.ErrorIs(t, err, context.Canceled)
}
