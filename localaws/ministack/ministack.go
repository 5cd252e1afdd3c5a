// Package ministack runs MiniStack, which serves the AWS control planes, as a child process that only the gateway
// connects to.
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

//go:embed launch.py projection.py saving.py confine.py alarms.py alarm_math.py events.py machines.py versions.py
var launcher embed.FS

const (
	startTimeout = 60 * time.Second
	// stopGrace is long because the emulator writes its state when it ends.
	stopGrace  = 30 * time.Second
	launchFile = "launch.py"
	keyFile    = "session.key"
	socketFile = "emulator.sock"
)

// Options configure the emulator.
type Options struct {
	// Command is the path of the ministack executable; its Python is beside it.
	Command string
	// StateDir keeps the state across restarts, and the log.
	StateDir string
	// GatewayURL is the AWS endpoint of functions that the emulator runs.
	GatewayURL string
	// SessionKey signs the sessions of functions, as credentials.Authority does.
	SessionKey []byte
	// Region is where the resources are.
	Region string
	// Env is added to the environment of its processes, as name=value.
	Env []string
}

// Emulator is a running MiniStack.
type Emulator struct {
	process *process.Process
	// folder contains the socket: a path in the state folder may be too long for one.
	folder    string
	transport *http.Transport
}

// Queue that holds EventBridge's events for queues until they are delivered. It is in another account, so that
// clients do not see it. events.py fills it.
const (
	OutboxAccount = "111111111111"
	Outbox        = "eventbridge-outbox"
)

// URL is a base address for clients that use the emulator's Transport. Nothing listens on it.
const URL = "http://localhost"

// Start runs the emulator and waits until it answers.
func Start(ctx context.Context, o Options) (*Emulator, error) {
	// Unpacked functions of the previous run; they are unpacked again when called.
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
	removeDead()
	// Its mode is 0700: other users of the machine cannot reach the socket.
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

// removeDead removes the folders of killed emulators, where nothing listens. An emulator that is starting may
// not listen yet.
func removeDead() {
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

// writeLauncher writes the programs that start the emulator, and the key that signs
// the sessions of its functions.
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
	program, err := filepath.EvalSymlinks(o.Command) // A symbolic link has no Python beside it, or another one.
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
		// Well below the emulator's limit, so that it never closes a connection that is about to be used.
		IdleConnTimeout: 20 * time.Second,
	}}
	if err := e.waitHealthy(ctx); err != nil {
		return nil, errors.Join(err, process.Stop(time.Second))
	}
	return e, nil
}

// Config is for clients in this process. The emulator checks no credentials.
func (e *Emulator) Config(region string) aws.Config {
	return awsclient.Over(e.transport, region, URL)
}

// Transport connects clients of URL to the emulator.
func (e *Emulator) Transport() http.RoundTripper { return e.transport }

// PID returns the process ID.
func (e *Emulator) PID() int { return e.process.PID() }

// Done is closed when the emulator has ended.
func (e *Emulator) Done() <-chan struct{} { return e.process.Done() }

// Err describes how the emulator ended, with the end of its log. It is nil while the emulator runs and after Stop.
func (e *Emulator) Err() error { return e.process.Err() }

// Stop ends the emulator after it has written its state, and every process that it started.
func (e *Emulator) Stop() error {
	return errors.Join(e.process.Stop(stopGrace), os.RemoveAll(e.folder))
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

// Healthy reports whether the emulator answers.
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
