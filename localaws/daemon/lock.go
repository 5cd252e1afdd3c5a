package daemon

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// errLocked means that another process holds a lock.
var errLocked = errors.New("locked by another process")

// lock is a file lock. The kernel releases it when the process ends, even if it is killed, so a held lock proves that
// its holder is alive.
type lock struct{ file *flock.Flock }

func tryLock(stateDir, name string) (*lock, error) {
	file := flock.New(filepath.Join(stateDir, name))
	held, err := file.TryLock()
	if held {
		return &lock{file}, nil
	}
	_ = file.Close()
	if err == nil {
		err = errLocked
	}
	return nil, fmt.Errorf("lock %s: %w", file.Path(), err)
}

// waitLock waits until the lock is free.
func waitLock(ctx context.Context, stateDir, name string) (*lock, error) {
	file := flock.New(filepath.Join(stateDir, name))
	held, err := file.TryLockContext(ctx, 50*time.Millisecond)
	if held {
		return &lock{file}, nil
	}
	_ = file.Close()
	if ctx.Err() != nil {
		err = fmt.Errorf("%w: %w", errLocked, ctx.Err())
	}
	return nil, fmt.Errorf("wait for the lock %s: %w", file.Path(), err)
}

func (l *lock) release() { _ = l.file.Close() }
