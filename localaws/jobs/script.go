package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// stopGrace is how long a script may take to end when asked to.
const stopGrace = 3 * time.Second

type script struct {
	dir     folder
	runID   string
	logs    runLogs
	argv    []string
	env     []string
	started func()
}

// runScript runs a script in its own process group. When it returns, no process of the run is left, and its
// output is in the log groups.
func (s *Service) runScript(ctx context.Context, p script) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	output, err := createLog(p.dir.output())
	if err != nil {
		return err
	}
	defer func() { _ = output.Close() }()
	spark, err := createLog(p.dir.errors()) // Spark appends to it.
	if err != nil {
		return err
	}
	_ = spark.Close()

	cmd := exec.Command(p.argv[0], p.argv[1:]...) //nolint:gosec,noctx // a user's script is the purpose; end stops it
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir.work(), p.env, output, output
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start the script: %w", err)
	}
	p.started()
	stopShipping := s.shipLogs(ctx, p)
	defer stopShipping()
	err = wait(ctx, cmd)
	killByEnv(p.runID)
	return scriptResult(err, p.dir)
}

func createLog(file string) (*os.File, error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // below the run's folder
	if err != nil {
		return nil, fmt.Errorf("log of a job run: %w", err)
	}
	return f, nil
}

// wait returns when the process and its group have ended; it ends them when the
// context does.
func wait(ctx context.Context, cmd *exec.Cmd) error {
	group := -cmd.Process.Pid
	var err error
	ended := make(chan struct{})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		err = cmd.Wait()
		close(ended)
	})
	select {
	case <-ended:
	case <-ctx.Done():
		_ = syscall.Kill(group, syscall.SIGTERM) // It is fine if none is left.
		select {
		case <-ended:
		case <-time.After(stopGrace):
		}
	}
	_ = syscall.Kill(group, syscall.SIGKILL)
	waiting.Wait()
	return err
}

// scriptResult converts the end of the process into the run's result.
func scriptResult(err error, dir folder) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return err
	}
	if message := lastException(dir.output()); message != "" {
		return &scriptError{message}
	}
	code := exit.ExitCode()
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		code = 128 + int(status.Signal())
	}
	return &scriptError{fmt.Sprintf("Command failed with exit code %d", code)}
}
