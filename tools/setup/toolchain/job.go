package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// job runs the commands of one step and writes their output to the step's log.
type job struct {
	step   string
	log    *os.File
	report *reporter
}

func (t *toolchain) newJob(step string) (*job, error) {
	path := filepath.Join(t.cache, "log", step+".log")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // a cache of public tools
		return nil, fmt.Errorf("log folder: %w", err)
	}
	f, err := os.Create(path) //nolint:gosec // the names are fixed
	if err != nil {
		return nil, fmt.Errorf("log: %w", err)
	}
	return &job{step: step, log: f, report: t.report}, nil
}

// command is a program to run.
type command struct {
	dir  string
	env  []string
	args []string
	// nice lowers its priority.
	nice bool
}

// name returns the program and its first arguments, such as "go mod download".
func (c command) name() string {
	return strings.Join(append([]string{filepath.Base(c.args[0])}, c.args[1:min(3, len(c.args))]...), " ")
}

// run runs a command to its end. When ctx ends, it stops the command with all its
// child processes, and kills them after five seconds.
func (j *job) run(ctx context.Context, c command) error {
	return j.runTo(ctx, c, j.log)
}

// output runs a command and returns its standard output.
func (j *job) output(ctx context.Context, c command) (string, error) {
	var out strings.Builder
	err := j.runTo(ctx, c, &out)
	return strings.TrimSpace(out.String()), err
}

func (j *job) runTo(ctx context.Context, c command, stdout io.Writer) error {
	_, _ = fmt.Fprintf(j.log, "$ %s\n", strings.Join(c.args, " "))
	args := c.args
	if c.nice {
		args = append([]string{"nice", "-n", "5"}, args...)
	}
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the steps' own commands
	cmd.Dir, cmd.Env = c.dir, append(os.Environ(), c.env...)
	cmd.Stdout, cmd.Stderr = stdout, j.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second
	err := cmd.Run()
	if ctx.Err() != nil {
		if cmd.Process != nil {
			_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		}
		return ctx.Err()
	}
	if errors.Is(err, exec.ErrNotFound) {
		return fmt.Errorf("%s is not on PATH", c.args[0])
	}
	if err != nil {
		return fmt.Errorf("%s: %w", c.name(), err)
	}
	return nil
}

// fetch runs a command that downloads, and retries it if it fails.
func (j *job) fetch(ctx context.Context, c command) error {
	return j.retry(ctx, func() error { return j.run(ctx, c) })
}

// retry retries work that depends on the network.
func (j *job) retry(ctx context.Context, work func() error) error {
	pause := 2 * time.Second
	for left := 2; ; left-- {
		err := work()
		if err == nil || left == 0 || ctx.Err() != nil {
			return err
		}
		j.report.send(j.step, Retrying, fmt.Sprintf("%v; again in %s", err, pause))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 3
	}
}

// StepError is the error of a step.
type StepError struct {
	Step string
	Err  error
	// Log is the file with all output, and Tail its last lines.
	Log  string
	Tail string
}

func (e *StepError) Error() string {
	s := fmt.Sprintf("setup step %s failed: %v", e.Step, e.Err)
	if e.Tail != "" {
		s += "\n  | " + strings.ReplaceAll(e.Tail, "\n", "\n  | ")
	}
	return s + "\nAll output: " + e.Log + "\nRun the same again to go on from here."
}

func (e *StepError) Unwrap() error { return e.Err }

// fail closes the log and returns the step's error.
func (j *job) fail(err error) *StepError {
	path := j.log.Name()
	_ = j.log.Close()
	return &StepError{Step: j.step, Err: err, Log: path, Tail: tail(path, 12)}
}

// tail returns the last non-empty lines of the last command in a log.
func tail(path string, n int) string {
	b, err := os.ReadFile(path) //nolint:gosec // the step's log
	if err != nil {
		return ""
	}
	var lines []string
	for l := range strings.Lines(string(b)) {
		l = strings.TrimRight(l, " \r\n")
		switch {
		case strings.HasPrefix(l, "$ "):
			lines = nil
		case l != "" && !strings.HasPrefix(l, "go: downloading "):
			lines = append(lines, l)
		}
	}
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}
