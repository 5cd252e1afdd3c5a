package console

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// ownListener closes connections of other users of the machine. They could have read a token from the arguments of
// the program that opens the browser, or the cookie, which a browser sends to every port of 127.0.0.1.
type ownListener struct{ net.Listener }

// Accept returns the next connection of the same user, or of root, who may do anything anyway. Where the kernel does
// not tell whose a connection is, as on macOS, it returns every one: the token still guards the console.
func (l ownListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		sockets, _ := os.ReadFile("/proc/net/tcp") // Without it, no owner is known.
		owner, known := ownerOf(string(sockets), conn.RemoteAddr(), conn.LocalAddr())
		if !known || owner == os.Getuid() || owner == 0 {
			return conn, nil
		}
		_ = conn.Close() // Nobody whom it would concern waits for the error.
	}
}

// ownerOf returns the user who owns the socket between two addresses of IPv4, by the kernel's table of sockets:
// https://docs.kernel.org/networking/proc_net_tcp.html
func ownerOf(sockets string, local, remote net.Addr) (user int, known bool) {
	from, to := kernelAddress(local), kernelAddress(remote)
	for line := range strings.Lines(sockets) {
		fields := strings.Fields(line)
		if from == "" || to == "" || len(fields) < 8 || fields[1] != from || fields[2] != to {
			continue
		}
		user, err := strconv.Atoi(fields[7])
		return user, err == nil
	}
	return 0, false
}

// kernelAddress is an address as the table has it: 127.0.0.1:80 is 0100007F:0050 where bytes are stored in reverse.
func kernelAddress(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || tcp.IP.To4() == nil {
		return ""
	}
	ip := tcp.IP.To4()
	return fmt.Sprintf("%02X%02X%02X%02X:%04X", ip[3], ip[2], ip[1], ip[0], tcp.Port)
}
