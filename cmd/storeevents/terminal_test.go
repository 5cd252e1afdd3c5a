package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"store-events/cmd/storeevents/quietterm"
)

// mute makes the test binary run as the command, or as a process that ignores signals.
const (
	mute     = "STORE_EVENTS_TEST_COMMAND"
	stubborn = "stubborn"
)

func TestMain(m *testing.M) {
	quietterm.Restore()
	switch os.Getenv(mute) {
	case "":
		os.Exit(m.Run())
	case stubborn:
		ctx, stop := untilInterrupted()
		defer stop()
		fmt.Println("works")
		<-ctx.Done()
		fmt.Println("ends")
		select {}
	}
	os.Exit(run())
}

// A library that queries the terminal for its colors waits five seconds for the
// answer. The terminal of this test never answers.
func TestSilentTerminalDoesNotDelayCommands(t *testing.T) {
	master, terminal := openTerminal(t)
	self, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, "--help") //nolint:gosec // This test's own binary.
	cmd.Env = append(os.Environ(), mute+"=1", "TERM=xterm-256color")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	written := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(master) // It ends with an error, when no process has the terminal open.
		written <- string(text)
	}()
	start := time.Now()
	require.NoError(t, cmd.Run())
	took := time.Since(start)
	require.NoError(t, terminal.Close())
	text := <-written
	require.Contains(t, text, "storeevents operates a store-events stack")
	require.NotContains(t, strings.ReplaceAll(text, "\x1b", "ESC"), "ESC", "the terminal is not queried")
	require.Less(t, took, 4*time.Second)
}

// openTerminal opens a pseudo-terminal and returns both sides: the user's and the program's.
func openTerminal(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = master.Close() })
	fd := int(master.Fd())
	require.NoError(t, unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0))
	number, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	require.NoError(t, err)
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = terminal.Close() })
	return master, terminal
}
