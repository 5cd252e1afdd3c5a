// Package emulator runs MiniStack, which stands for the AWS control planes, as
// a child process that only the gateway talks to.
package emulator

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"store-events/local/child"
)

//go:embed launch.py projection.py
var launcher embed.FS

const (
	startTimeout = 60 * time.Second
	// stopGrace is long, since the emulator writes its state when it ends.
	stopGrace  = 30 * time.Second
	launchFile = "launch.py"
)

// Options say how to run the emulator.
type Options struct {
	// Command is the path of the ministack executable; its Python is beside it.
	Command string
	// StateDir keeps the state over restarts, and the log.
	StateDir string
	// GatewayURL is where functions that the emulator runs find AWS.
	GatewayURL string
	// Region is where the resources are.
	Region string
	// Env is added to the environment of its processes, as name=value.
	Env []string
}

// Emulator is a running MiniStack.
type Emulator struct {
	process *child.Child
	url     string
}

// Start runs the emulator on a free port and waits until it answers.
func Start(ctx context.Context, o Options) (*Emulator, error) {
	// Unpacked functions of the last time; they are unpacked again when called.
	if err := os.RemoveAll(filepath.Join(o.StateDir, "tmp")); err != nil {
		return nil, fmt.Errorf("emulator's state folder: %w", err)
	}
	for _, dir := range []string{"state", "s3", "tmp"} {
		if err := os.MkdirAll(filepath.Join(o.StateDir, dir), 0o700); err != nil {
			return nil, fmt.Errorf("emulator's state folder: %w", err)
		}
	}
	if err := writeLauncher(o.StateDir); err != nil {
		return nil, fmt.Errorf("emulator's state folder: %w", err)
	}
	for attempt := 1; ; attempt++ {
		e, err := launch(ctx, o)
		// The port may be taken between looking for it and using it.
		if err == nil || attempt == 3 || !strings.Contains(err.Error(), "is already in use") {
			return e, err
		}
	}
}

func writeLauncher(dir string) error {
	files, err := launcher.ReadDir(".")
	if err != nil {
		return err
	}
	for _, f := range files {
		content, err := launcher.ReadFile(f.Name())
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name()), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func launch(ctx context.Context, o Options) (*Emulator, error) {
	port, err := freePort(ctx)
	if err != nil {
		return nil, err
	}
	process, err := child.Start(child.Spec{
		Name: "the AWS emulator", Path: filepath.Join(filepath.Dir(o.Command), "python"), Args: []string{launchFile},
		Env: environment(o, port),
		Dir: o.StateDir, LogFile: filepath.Join(o.StateDir, "emulator.log"),
	})
	if err != nil {
		return nil, err
	}
	e := &Emulator{process: process, url: "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	if err := e.waitHealthy(ctx); err != nil {
		return nil, errors.Join(err, process.Stop(time.Second))
	}
	return e, nil
}

// URL is the emulator's own address.
func (e *Emulator) URL() string { return e.url }

// PID is the process's id.
func (e *Emulator) PID() int { return e.process.PID() }

// Done is closed when the emulator has ended.
func (e *Emulator) Done() <-chan struct{} { return e.process.Done() }

// Err says how the emulator ended, with the end of its log, or is nil while it
// runs and after Stop.
func (e *Emulator) Err() error { return e.process.Err() }

// Stop ends the emulator after it has written its state, and every process it
// started.
func (e *Emulator) Stop() error { return e.process.Stop(stopGrace) }

func (e *Emulator) waitHealthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !e.Healthy(ctx) {
		select {
		case <-e.Done():
			return e.Err()
		case <-ctx.Done():
			return fmt.Errorf("the AWS emulator does not answer at %s: %w", e.url, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// Healthy asks the emulator.
func (e *Emulator) Healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, e.url+"/_ministack/health", nil)
	if err != nil {
		return false
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func freePort(ctx context.Context) (int, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port, nil
}
