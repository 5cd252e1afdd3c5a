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

// The range of ports, below the ephemeral ports that the kernel assigns to outgoing connections, from 32768 on:
// https://www.kernel.org/doc/html/latest/networking/ip-sysctl.html#ip-variables (ip_local_port_range)
const minPort, maxPort = 15000, 30000

// FreePorts returns n different free ports on 127.0.0.1, outside the range of ephemeral ports.
func FreePorts(ctx context.Context, n int) ([]int, error) {
	ports := make([]int, 0, n)
	for len(ports) < n {
		port := minPort + rand.IntN(maxPort-minPort) //nolint:gosec // any will do
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if errors.Is(err, syscall.EADDRINUSE) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = l.Close() }() // Kept open until all are found, so that they differ.
		ports = append(ports, port)
	}
	return ports, nil
}
