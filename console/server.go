package console

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// Listen opens a port of 127.0.0.1 for programs of the same user; 0 selects a free port.
func Listen(ctx context.Context, port int) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("port %d of 127.0.0.1: %w", port, err)
	}
	return ownListener{l}, nil
}

// URL returns the URL to open, with the session's token.
func (c *Console) URL(l net.Listener) string { return withToken(l, c.session.token) }

// URLOnce returns a URL that can be opened once, for the arguments of a program.
func (c *Console) URLOnce(l net.Listener) string { return withToken(l, c.session.once.secret) }

func withToken(l net.Listener, token string) string {
	return fmt.Sprintf("http://%s/?%s=%s", l.Addr(), tokenParameter, token)
}

// stopTime is the timeout of open requests after ctx has ended.
const stopTime = 2 * time.Second

// Serve serves until ctx ends, which also ends tasks that pages have started.
func (c *Console) Serve(ctx context.Context, l net.Listener) error {
	c.lifetime = ctx
	server := &http.Server{
		Handler:           c.handler(l.Addr().String()),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	go func() { _, _ = c.status.get(ctx) }() // The first page needs it.
	select {
	case err := <-failed:
		return fmt.Errorf("serve the console: %w", err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	if err := server.Shutdown(stop); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return fmt.Errorf("stop the console: %w", err)
	}
	c.replay.wait()
	c.verify.wait()
	return nil
}

// handler serves the console at host, a name with a port.
func (c *Console) handler(host string) http.Handler {
	return sameOrigin(host, c.session.require(c.routes()))
}
