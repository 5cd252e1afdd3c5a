package loopback

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"
)

// Systems give outgoing connections ports from 32768 on, so one of those could take a port before a server does.
// https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html#ip-variables (ip_local_port_range)
const first, below = 15000, 30000

// FreePorts returns different ports of 127.0.0.1 that nothing uses and that the system does not give to outgoing
// connections.
func FreePorts(ctx context.Context, n int) ([]int, error) {
	ports := make([]int, 0, n)
	for len(ports) < n {
		port := first + rand.IntN(below-first) //nolint:gosec // any will do
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = l.Close() }() // Held until all are found, so that they differ.
		ports = append(ports, port)
	}
	return ports, nil
}
