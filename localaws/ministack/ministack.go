// Package ministack runs MiniStack, an AWS emulator, as a child process that only this process can connect to.
package ministack

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"localaws/awsclient"
	"localaws/process"
)

//go:embed *.py
var launcher embed.FS

const (
	startTimeout = 60 * time.Second
	// stopGrace is long because the emulator saves its state when it ends.
	stopGrace  = 30 * time.Second
	launchFile = "launch.py"
	keyFile    = "session.key"
	socketFile = "emulator.sock"
)

// Options configure the emulator.
type Options struct {
	// Command is the path of the ministack executable, with its Python in the same folder.
	Command string
	// StateDir is the folder for the emulator's state and log.
	StateDir string
	// GatewayURL is the AWS endpoint of functions that the emulator runs.
	GatewayURL string
	// SessionKey signs the session tokens of functions, as credentials.Authority does.
	SessionKey []byte
	// Region is the region of all resources.
	Region string
	// Env is added to the environment of its processes, as name=value.
	Env []string
}

// Emulator is a running MiniStack.
type Emulator struct {
	process *process.Process
	// folder contains the socket. A path in the state folder may be too long for a socket.
	folder    string
	transport *http.Transport
}

// Outbox is the queue with EventBridge's events for queues until they are delivered. events.py sends them.
// OutboxAccount is a separate account that hides it from clients.
const (
	OutboxAccount = "111111111111"
	Outbox        = "eventbridge-outbox"
)

// URL is the base address for clients that use the emulator's Transport. No server listens on it.
const URL = "http://localhost"

// Start runs the emulator and waits until it is healthy.
func Start(ctx context.Context, o Options) (*Emulator, error) {
	// Unpacked functions of the previous run. The emulator unpacks them again on demand.
	if err := os.RemoveAll(filepath.Join(o.StateDir, "tmp")); err != nil {
		return nil, fmt.Errorf("emulator's state folder: %w", err)
	}
	for _, dir := range []string{"state", "s3", "tmp"} {
		if err := os.MkdirAll(filepath.Join(o.StateDir, dir), 0o700); err != nil {
			return nil, fmt.Errorf("emulator's state folder: %w", err)
		}
	}
	if err := writeLauncher(o); err != nil {
		return nil, fmt.Errorf("emulator's state folder: %w", err)
	}
	removeStale()
	// Its mode is 0700, so other users cannot connect to the socket.
	folder, err := os.MkdirTemp("", "localaws-")
	if err != nil {
		return nil, fmt.Errorf("folder of the emulator's socket: %w", err)
	}
	e, err := launch(ctx, o, folder)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	return e, nil
}

// removeStale removes the socket folders of killed emulators. It skips new folders, because an emulator that is
// starting may not listen yet.
func removeStale() {
	sockets, _ := filepath.Glob(filepath.Join(os.TempDir(), "localaws-*", socketFile)) // The pattern is well formed.
	for _, socket := range sockets {
		info, err := os.Stat(socket)
		if err != nil || time.Since(info.ModTime()) < startTimeout {
			continue
		}
		connection, err := net.Dial("unix", socket) //nolint:noctx // connecting to a local socket does not block
		if err == nil {
			_ = connection.Close()
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.RemoveAll(filepath.Dir(socket))
		}
	}
}

// writeLauncher writes the launcher's Python files and the session key to the state folder.
func writeLauncher(o Options) error {
	files, err := launcher.ReadDir(".")
	if err != nil {
		return err
	}
	contents := map[string][]byte{keyFile: o.SessionKey}
	for _, f := range files {
		if contents[f.Name()], err = launcher.ReadFile(f.Name()); err != nil {
			return err
		}
	}
	for name, content := range contents {
		if err := os.WriteFile(filepath.Join(o.StateDir, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func launch(ctx context.Context, o Options, folder string) (*Emulator, error) {
	program, err := filepath.EvalSymlinks(o.Command) // The folder of a symbolic link has no Python, or another one.
	if err != nil {
		return nil, fmt.Errorf("the AWS emulator: %w", err)
	}
	socket := filepath.Join(folder, socketFile)
	process, err := process.Start(process.Spec{
		Name: "the AWS emulator", Path: filepath.Join(filepath.Dir(program), "python"), Args: []string{launchFile},
		Env: environment(o, socket),
		Dir: o.StateDir, LogFile: filepath.Join(o.StateDir, "emulator.log"),
	})
	if err != nil {
		return nil, err
	}
	e := &Emulator{process: process, folder: folder, transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		},
		DisableCompression: true,
		MaxIdleConns:       64, MaxIdleConnsPerHost: 64,
		// Below the emulator's timeout, so that it never closes a connection that is about to be used.
		IdleConnTimeout: 20 * time.Second,
	}}
	if err := e.waitHealthy(ctx); err != nil {
		return nil, errors.Join(err, process.Stop(time.Second))
	}
	return e, nil
}

// Config returns the configuration for clients in this process. The emulator does not check credentials.
func (e *Emulator) Config(region string) aws.Config {
	return awsclient.Over(e.transport, region, URL)
}

// Transport returns the transport for clients of URL.
func (e *Emulator) Transport() http.RoundTripper { return e.transport }

// PID returns the process ID.
func (e *Emulator) PID() int { return e.process.PID() }

// Done returns a channel that is closed when the emulator has ended.
func (e *Emulator) Done() <-chan struct{} { return e.process.Done() }

// Err returns the emulator's exit status with the end of its log. It is nil while the emulator runs and after Stop.
func (e *Emulator) Err() error { return e.process.Err() }

// Stop ends the emulator, after it has saved its state, and all its child processes. It returns an error if the state
// could not be saved, for example to a full disk.
func (e *Emulator) Stop() error {
	ended := !e.process.Running() // By itself, as Err reports, or by an earlier call.
	err := e.process.Stop(stopGrace)
	if err == nil && !ended {
		err = e.process.Exit()
	}
	if err != nil {
		err = fmt.Errorf("the AWS emulator has not saved its last changes: %w", err)
	}
	return errors.Join(err, os.RemoveAll(e.folder))
}

func (e *Emulator) waitHealthy(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for !e.Healthy(ctx) {
		select {
		case <-e.Done():
			return e.Err()
		case <-ctx.Done():
			return fmt.Errorf("the AWS emulator does not respond: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// Healthy reports whether the emulator responds to a health check.
func (e *Emulator) Healthy(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, URL+"/_ministack/health", nil)
	if err != nil {
		return false
	}
	resp, err := (&http.Client{Transport: e.transport}).Do(req)
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}
