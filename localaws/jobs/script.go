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

// stopGrace is the time between SIGTERM and SIGKILL.
const stopGrace = 3 * time.Second

type script struct {
	dir     folder
	runID   string
	logs    runLogs
	argv    []string
	env     []string
	started func()
}

// runScript runs a script in its own process group. When it returns, all processes of the run have ended, and the
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

	cmd := exec.Command(p.argv[0], p.argv[1:]...) //nolint:gosec,noctx // the user's script; wait ends it
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

// wait waits for the process, and then kills its group. When the context ends, it stops both.
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
		_ = syscall.Kill(group, syscall.SIGTERM) // It may have ended.
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
