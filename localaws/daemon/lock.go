package daemon

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// errLocked means that another process holds a lock.
var errLocked = errors.New("locked by another process")

// lock is a lock on a file. The system releases it when the process ends, however that happens, so a held lock
// proves that its holder is alive.
type lock struct{ file *os.File }

func tryLock(stateDir, name string) (*lock, error) {
	path := filepath.Join(stateDir, name)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) //nolint:gosec // in the state folder
	if err != nil {
		return nil, fmt.Errorf("lock file: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &lock{f}, nil
	}
	_ = f.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("%s: %w", path, errLocked)
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// waitLock waits until the lock is free.
func waitLock(ctx context.Context, stateDir, name string) (*lock, error) {
	for {
		l, err := tryLock(stateDir, name)
		if !errors.Is(err, errLocked) {
			return l, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for another process: %w", errors.Join(ctx.Err(), err))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (l *lock) release() { _ = l.file.Close() }
