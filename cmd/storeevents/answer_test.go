package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/config"
)

// Ctrl-C ends a command that waits at a prompt.
func TestCtrlCEndsPrompts(t *testing.T) {
	interrupted := errors.New("interrupt signal received")
	a := newApp(io.Discard, io.Discard)
	for name, tc := range map[string]struct {
		ask  func(ctx context.Context, in io.Reader) error
		want string
	}{
		"down": {func(ctx context.Context, in io.Reader) error { return a.confirm(ctx, downOptions{}, in) }, "nothing was destroyed: "},
		"init": {func(ctx context.Context, in io.Reader) error {
			return interview{in, io.Discard}.ask(ctx, &initOptions{}, config.Map{})
		}, "nothing is written: "},
		"query": {func(ctx context.Context, in io.Reader) error {
			_, err := a.statement(ctx, nil, in)
			return err
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			in, terminal := io.Pipe() // Nothing is typed.
			t.Cleanup(func() { _ = terminal.Close() })
			failed := make(chan error, 1)
			go func() { failed <- tc.ask(ctx, in) }()
			time.AfterFunc(50*time.Millisecond, func() { cancel(interrupted) })
			select {
			case err := <-failed:
				require.EqualError(t, err, tc.want+"interrupt signal received")
			case <-time.After(20 * time.Second):
				t.Fatal("the command is still waiting")
			}
			// A second prompt does not read from a terminal that the first one is still reading.
			require.EqualError(t, tc.ask(ctx, readsNothing{t}), tc.want+"interrupt signal received")
		})
	}
}

type readsNothing struct{ t *testing.T }

func (r readsNothing) Read([]byte) (int, error) {
	r.t.Error("read after Ctrl-C")
	return 0, io.EOF
}

// The first Ctrl-C cancels the command, the second one kills it.
func TestSecondCtrlCKillsTheProcess(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	// A shell starts background jobs with SIGINT ignored. With a handler here, the child starts with the default action.
	handled := make(chan os.Signal, 1)
	signal.Notify(handled, os.Interrupt)
	defer signal.Stop(handled)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, self) //nolint:gosec // This test's own binary.
	cmd.Env = append(os.Environ(), mute+"="+stubborn)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for _, want := range []string{"works", "ends"} {
		require.True(t, lines.Scan(), stderr.String())
		require.Equal(t, want, lines.Text())
		time.Sleep(100 * time.Millisecond) // The signal handler is installed after the line is printed.
		require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	}
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	require.Equal(t, syscall.SIGINT, exit.Sys().(syscall.WaitStatus).Signal())
}
