// Package child runs the programs behind the local AWS services: each in its own process group, with its output
// in a log file. No process outlives its Child.
package child

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Spec says what to run.
type Spec struct {
	// Name is for messages.
	Name string
	Path string
	Args []string
	Env  []string
	Dir  string
	// LogFile gets both outputs, appended.
	LogFile string
}

// Child is a running, or ended, program. It is safe for concurrent use.
type Child struct {
	spec Spec
	cmd  *exec.Cmd
	done chan struct{}
	err  error // of Wait; read only after done

	mu       sync.Mutex
	stopping bool
}

// Start runs the program. It outlives the context of whoever starts it.
func Start(spec Spec) (*Child, error) {
	if err := os.MkdirAll(filepath.Dir(spec.LogFile), 0o700); err != nil {
		return nil, fmt.Errorf("log folder of %s: %w", spec.Name, err)
	}
	log, err := os.OpenFile(spec.LogFile, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("log of %s: %w", spec.Name, err)
	}
	defer func() { _ = log.Close() }() // the child has its own descriptor

	cmd := exec.Command(spec.Path, spec.Args...) //nolint:gosec,noctx // the caller chooses the program; Stop ends it
	cmd.Env, cmd.Dir = spec.Env, spec.Dir
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", spec.Name, err)
	}
	c := &Child{spec: spec, cmd: cmd, done: make(chan struct{})}
	go func() {
		c.err = cmd.Wait()
		close(c.done)
	}()
	return c, nil
}

// PID is the process's id.
func (c *Child) PID() int { return c.cmd.Process.Pid }

// Done is closed when the program has ended.
func (c *Child) Done() <-chan struct{} { return c.done }

// Running reports whether the program is still running.
func (c *Child) Running() bool {
	select {
	case <-c.done:
		return false
	default:
		return true
	}
}

// Err is nil while the program runs and after Stop. Otherwise it says how the program ended, with the end of its
// log.
func (c *Child) Err() error {
	c.mu.Lock()
	stopping := c.stopping
	c.mu.Unlock()
	if stopping || c.Running() {
		return nil
	}
	how := "exit status 0"
	if c.err != nil {
		how = c.err.Error()
	}
	return fmt.Errorf("%s ended by itself (%s); the end of %s:\n%s", c.spec.Name, how, c.spec.LogFile, Tail(c.spec.LogFile, 20))
}

// Stop asks the program to end, and kills its process group if it still runs
// after grace. It returns when the group is gone.
func (c *Child) Stop(grace time.Duration) error {
	c.mu.Lock()
	c.stopping = true
	c.mu.Unlock()

	// Only the program gets the signal: it decides how its children end.
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", c.spec.Name, err)
	}
	select {
	case <-c.done:
	case <-time.After(grace):
	}
	if err := syscall.Kill(-c.PID(), syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill %s: %w", c.spec.Name, err)
	}
	<-c.done
	return nil
}
