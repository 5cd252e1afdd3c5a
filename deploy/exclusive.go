package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/gofrs/flock"
)

// begin locks a managed stack until the returned function is called, and writes the settings of these
// options for the engine. The backends of other stacks have their own locks.
//
// The system always releases a flock when its holder ends. The engine's own lock can stay behind: if the flock is
// free, the command that created it was killed.
func (o Options) begin(ctx context.Context, p place) (end func(), err error) {
	if !p.managed {
		return func() {}, nil
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the deployment folder: %w", err)
	}
	if end, err = Lock(ctx, o); err != nil {
		return nil, err
	}
	if err := o.write(p); err != nil {
		end()
		return nil, fmt.Errorf("stack %s: %w", o.Stack, err)
	}
	return end, nil
}

// Lock locks a managed stack until the returned function is called, like the commands that change it. A stack that was
// never deployed is not locked.
func Lock(ctx context.Context, o Options) (unlock func(), err error) {
	folder := o.workFolder()
	if _, err := os.Stat(folder); os.IsNotExist(err) {
		return func() {}, nil
	}
	file := flock.New(filepath.Join(folder, "lock"))
	locked, err := file.TryLock()
	if err == nil && !locked {
		err = fmt.Errorf("another command is changing this stack: wait until it ends (%s is locked)", file.Path())
	}
	if err == nil {
		err = o.unlockDead(ctx)
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("stack %s: %w", o.Stack, err)
	}
	return func() { _ = file.Close() }, nil
}

// unlockDead removes the locks of engines that were killed, like `pulumi cancel`. An engine
// may run for a moment after its command was killed.
func (o Options) unlockDead(ctx context.Context) error {
	return filepath.WalkDir(filepath.Join(backend(o.StateDir), ".pulumi", "locks"), func(file string, entry fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || entry.IsDir() || filepath.Base(filepath.Dir(file)) != o.Stack {
			return err
		}
		raw, err := os.ReadFile(file) //nolint:gosec // in the state folder
		if err != nil {
			return err
		}
		var lock struct{ PID int }
		_ = json.Unmarshal(raw, &lock) // The engine may have been killed while it wrote the file.
		if engineRuns(ctx, lock.PID) {
			return fmt.Errorf("the engine of a command that was killed is still running (pulumi, process %d): run this again when it has ended", lock.PID)
		}
		return os.Remove(file)
	})
}

// engineRuns reports whether a process is an engine, because its ID may have been reused.
// Without /proc, as on macOS, it runs ps. It returns true if the name is unknown.
func engineRuns(ctx context.Context, pid int) bool {
	if pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil {
		name, err = exec.CommandContext(ctx, "ps", "-o", "comm=", "-p", strconv.Itoa(pid)).Output() //nolint:gosec // a number
	}
	var ended *exec.ExitError
	return !errors.As(err, &ended) && (err != nil || strings.Contains(string(name), "pulumi"))
}
