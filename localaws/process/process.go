// Package process runs child processes of the local AWS, each in its own process group, with its output in a log file.
package process

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

// Spec describes a program to run.
type Spec struct {
	// Name is used in messages.
	Name string
	Path string
	Args []string
	Env  []string
	Dir  string
	// LogFile is the file to which standard output and standard error are appended.
	LogFile string
}

// Process is a running or ended program. It is safe for concurrent use.
type Process struct {
	spec Spec
	cmd  *exec.Cmd
	done chan struct{}
	err  error // Result of Wait; valid after done is closed.

	mu       sync.Mutex
	stopping bool
}

// Start starts the program. It runs until it ends by itself or Stop is called.
func Start(spec Spec) (*Process, error) {
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
	p := &Process{spec: spec, cmd: cmd, done: make(chan struct{})}
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// PID returns the process ID.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done returns a channel that is closed when the program has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Running reports whether the program is still running.
func (p *Process) Running() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Err returns the exit status with the end of the log if the program has ended by itself. It is nil while the program
// runs and after Stop.
func (p *Process) Err() error {
	p.mu.Lock()
	stopping := p.stopping
	p.mu.Unlock()
	if stopping || p.Running() {
		return nil
	}
	status := "exit status 0"
	if p.err != nil {
		status = p.err.Error()
	}
	return fmt.Errorf("%s ended by itself (%s); the end of %s:\n%s", p.spec.Name, status, p.spec.LogFile, Tail(p.spec.LogFile, 20))
}

// Exit returns the exit status of a program that has ended, nil for 0.
func (p *Process) Exit() error {
	<-p.done
	return p.err
}

// Stop sends SIGTERM to the program, waits up to grace for it to end, and kills its process group.
func (p *Process) Stop(grace time.Duration) error {
	p.mu.Lock()
	p.stopping = true
	p.mu.Unlock()

	// Only the program receives SIGTERM, so that it can end its children in order.
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop %s: %w", p.spec.Name, err)
	}
	select {
	case <-p.done:
	case <-time.After(grace):
	}
	if err := syscall.Kill(-p.PID(), syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill %s: %w", p.spec.Name, err)
	}
	<-p.done
	return nil
}
