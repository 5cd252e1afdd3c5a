package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"
)

// ErrRunning means that a local AWS with the same state folder runs.
var ErrRunning = errors.New("the local AWS of this state folder is already running")

// PortTakenError means that another program uses the gateway's port.
type PortTakenError struct {
	Port int
	// LocalAWS is true if the other program is the local AWS of another state folder, which does not reveal its folder.
	LocalAWS bool
	advice   Advice
}

func (e *PortTakenError) Error() string {
	owner := "another program: end that program"
	if e.LocalAWS {
		owner = "the local AWS of another state folder: " + e.advice.StopOther
	}
	return fmt.Sprintf("port %d on 127.0.0.1 is taken by %s, or %s", e.Port, owner, e.advice.OtherPort)
}

// Run runs the local AWS until the context ends, and then ends all its processes, but no other child processes of the
// caller.
func Run(ctx context.Context, o Options) (err error) {
	o, err = o.complete()
	if err != nil {
		return err
	}
	if os.Getenv(untilStdinEnds) != "" {
		var end context.CancelFunc
		ctx, end = context.WithCancel(ctx)
		defer end()
		orphaned := make(chan struct{})
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin)
			close(orphaned)
			end()
		}()
		defer func() { // Runs last.
			select {
			case <-orphaned:
				err = errors.Join(err, os.RemoveAll(o.StateDir))
			default:
			}
		}()
	}
	version, err := executableVersion() // Slow, so it runs before the lock.
	if err != nil {
		return err
	}
	held, err := o.lockDaemon(ctx)
	if err != nil {
		return err
	}
	defer held.release()
	// Remove the previous record at once, because signalDaemon would treat it as the lock holder's.
	_ = os.Remove(o.in(recordFile))
	r := record{PID: os.Getpid(), Port: o.Port, Region: o.Region, Version: version, Started: time.Now().UTC()}
	if err := r.write(o); err != nil {
		return err
	}
	defer func() {
		var unclean *uncleanError
		if !errors.As(err, &unclean) { // Otherwise the next start warns.
			_ = os.Remove(o.in(recordFile))
		}
	}()

	listener, err := o.listen(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()
	if err := endLeftovers(o.StateDir, o.Log); err != nil {
		return err
	}
	return o.run(ctx, listener, r)
}

// lockDaemon waits briefly for the lock, because status queries hold it for a moment.
func (o Options) lockDaemon(ctx context.Context) (*lock, error) {
	waiting, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	held, err := waitLock(waiting, o.StateDir, lockFile)
	if errors.Is(err, errLocked) {
		return nil, fmt.Errorf("%w: %s", ErrRunning, o.StateDir)
	}
	return held, err
}

func (o Options) run(ctx context.Context, listener net.Listener, r record) error {
	start := time.Now()
	s, err := startServices(ctx, o)
	if err != nil {
		return err
	}
	s.gateway.Handle(healthPath, s.healthHandler(r, o.StateDir))
	server := &http.Server{
		Handler: s.gateway, ReadHeaderTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute,
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	o.Log.Info("the local AWS runs", "url", o.GatewayURL(), "state", o.StateDir, "pid", r.PID, "took", time.Since(start))

	var failure error
	select {
	case <-ctx.Done():
	case <-s.failed():
		failure = s.failure()
	case failure = <-served:
	}
	o.Log.Info("the local AWS ends")
	if err := errors.Join(failure, o.end(s, server)); err != nil {
		return &uncleanError{err}
	}
	return nil
}

// uncleanError is an error after which the latest changes may be lost.
type uncleanError struct{ error }

func (e *uncleanError) Unwrap() error { return e.error }

func (o Options) end(s *services, server *http.Server) error {
	// Services end first, because their child processes use the gateway until they end.
	err := s.close()
	_ = server.Close() // Waiting clients get no response.
	return errors.Join(err, endLeftovers(o.StateDir, o.Log))
}

func (o Options) listen(ctx context.Context) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address(o.Port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, &PortTakenError{Port: o.Port, LocalAWS: isLocalAWS(ctx, o.Port), advice: o.Advice}
	}
	if err != nil {
		return nil, fmt.Errorf("listen on port %d: %w", o.Port, err)
	}
	return l, nil
}
