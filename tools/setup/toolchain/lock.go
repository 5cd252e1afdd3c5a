package toolchain

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"
)

// lock locks the cache for this process, and waits while another one has the lock. The
// system releases it when the process ends.
func lock(ctx context.Context, path string, waiting func()) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a cache of public tools
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	file := flock.New(path)
	held, err := file.TryLock()
	if err == nil && !held {
		waiting()
		_, err = file.TryLockContext(ctx, 200*time.Millisecond)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("lock of the cache, %s: %w", path, err)
	}
	return func() { _ = file.Close() }, nil
}
