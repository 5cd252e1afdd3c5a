package daemon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"localaws/process"
)

const (
	startTimeout = 2 * time.Minute
	stopTimeout  = time.Minute
	// answerTimeout is longer than a database server takes to start or stop, which delays the health.
	answerTimeout = 90 * time.Second
	// statusLockTimeout is longer than a status query holds the lock.
	statusLockTimeout = 200 * time.Millisecond
)

// Start ensures that the local AWS runs in a separate process: the current executable with the arguments of
// o.Serve, which must call Run. It is a no-op if a healthy daemon of the same build runs with the same port and region,
// and replaces any other daemon.
func Start(ctx context.Context, o Options) error {
	o, err := o.complete()
	if err != nil {
		return err
	}
	l, err := waitLock(ctx, o.StateDir, startLock)
	if err != nil {
		return err
	}
	defer l.release()

	current, err := o.isCurrent(ctx)
	if err != nil || current {
		return err
	}
	previous, err := readRecord(o.StateDir)
	if err != nil {
		return err
	}
	if previous.Port != o.Port { // Do not end a daemon that cannot move to the port.
		if err := o.checkPort(ctx); err != nil {
			return err
		}
	}
	if err := Stop(ctx, o.StateDir); err != nil {
		return err
	}
	if _, err := os.Stat(o.in(recordFile)); err == nil {
		o.Log.Warn("the local AWS did not shut down cleanly: its latest changes may be lost; if something is missing, " + o.Advice.Reset)
	}
	if err := o.checkPort(ctx); err != nil {
		return err
	}
	return o.spawn(ctx)
}

// checkPort returns a clear error before the daemon would fail.
func (o Options) checkPort(ctx context.Context) error {
	listener, err := o.listen(ctx)
	if err != nil {
		return err
	}
	_ = listener.Close()
	return nil
}

// isCurrent reports whether a healthy daemon with these options and of this build runs.
func (o Options) isCurrent(ctx context.Context) (bool, error) {
	status, err := o.answered(ctx)
	if err != nil || !status.Running || status.Health == nil {
		return false, err
	}
	version, err := executableVersion()
	if err != nil {
		return false, err
	}
	d := status.Health.Daemon
	return d.Version == version && d.Port == o.Port && d.Region == o.Region && status.Health.OK(), nil
}

// answered returns the status as soon as the daemon responds or has ended, because a daemon that is only busy must not
// be replaced.
func (o Options) answered(ctx context.Context) (Status, error) {
	for deadline := time.Now().Add(answerTimeout); ; {
		status, err := GetStatus(ctx, o.StateDir)
		if err != nil || !status.Running || status.Health != nil || time.Now().After(deadline) {
			return status, err
		}
		select {
		case <-ctx.Done():
			return status, fmt.Errorf("wait for the local AWS of %s: %w", o.StateDir, context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func (o Options) spawn(ctx context.Context) error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find the executable: %w", err)
	}
	log, err := os.OpenFile(o.in(logFile), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("log of the local AWS: %w", err)
	}
	defer func() { _ = log.Close() }()
	args := slices.Concat(o.Serve, []string{"--state", o.StateDir, "--port", strconv.Itoa(o.Port), "--region", o.Region})
	cmd := exec.Command(executable, args...) //nolint:gosec,noctx // this executable; it outlives this process
	cmd.Env = append(os.Environ(), process.Mark+"="+o.StateDir)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if o.EndsWithCaller {
		cmd.Env = append(cmd.Env, untilStdinEnds+"=1")
		if _, err := cmd.StdinPipe(); err != nil { // The kernel closes it when this process ends.
			return fmt.Errorf("start the local AWS: %w", err)
		}
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the local AWS: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	if err := o.waitHealthy(ctx, cmd.Process.Pid, ended); err != nil {
		return errors.Join(err, Stop(context.WithoutCancel(ctx), o.StateDir))
	}
	return nil
}

func (o Options) waitHealthy(ctx context.Context, pid int, ended <-chan error) error {
	waiting, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		h, err := readHealth(waiting, o.StateDir, o.Port)
		if err == nil && h.Daemon.PID == pid && h.OK() {
			return nil
		}
		select {
		case status := <-ended:
			return fmt.Errorf("the local AWS did not start (%w); the end of %s:\n%s", status, o.in(logFile), process.Tail(o.in(logFile), 20))
		case <-waiting.Done():
			if ctx.Err() != nil {
				return fmt.Errorf("start the local AWS: %w", context.Cause(ctx))
			}
			return fmt.Errorf("the local AWS does not become healthy: %w; the end of %s:\n%s", waiting.Err(), o.in(logFile), process.Tail(o.in(logFile), 20))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Stop ends the local AWS of a state folder with all its processes, and keeps the state. It is a no-op if nothing
// runs.
func Stop(ctx context.Context, stateDir string) error {
	stateDir, err := filepath.Abs(stateDir)
	if err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	if _, err := os.Stat(stateDir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	held, err := endDaemon(ctx, stateDir)
	if err != nil {
		return err
	}
	defer held.release()
	return endLeftovers(stateDir, slog.New(slog.DiscardHandler))
}

// endDaemon ends the daemon and returns its lock, so that no other daemon can start.
func endDaemon(ctx context.Context, stateDir string) (*lock, error) {
	// A status query holds the lock briefly. Without this wait, the record of a killed daemon could be mistaken for the
	// lock holder's.
	waiting, cancel := context.WithTimeout(ctx, statusLockTimeout)
	held, err := waitLock(waiting, stateDir, lockFile)
	cancel()
	if !errors.Is(err, errLocked) {
		return held, err
	}
	for _, signal := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		held, err = signalDaemon(ctx, stateDir, signal)
		if err == nil || ctx.Err() != nil {
			return held, err
		}
	}
	return nil, err
}

// signalDaemon signals the daemon as soon as its record exists, and waits for its lock.
func signalDaemon(ctx context.Context, stateDir string, signal syscall.Signal) (*lock, error) {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	var last, signaled record
	for {
		held, err := tryLock(stateDir, lockFile)
		if !errors.Is(err, errLocked) {
			return held, err
		}
		r, err := readRecord(stateDir)
		if err != nil {
			return nil, err
		}
		// A daemon removes the previous record when it gets the lock, so a record that stays is the lock holder's.
		if r.PID > 0 && r == last && r != signaled {
			_ = syscall.Kill(r.PID, signal)
			signaled = r
		}
		last = r
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the local AWS of %s (process id %d) does not end: %w", stateDir, r.PID, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}
