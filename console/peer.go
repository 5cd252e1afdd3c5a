package console

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"slices"
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
		if own(conn.RemoteAddr(), conn.LocalAddr()) {
			return conn, nil
		}
		_ = conn.Close() // The client gets no answer, so the error does not matter.
	}
}

// looks is how often a socket is looked for. The kernel writes its tables in pieces, and may leave out one socket
// where another closes between two pieces.
const looks = 3

// own reports whether the user, or root, has the socket between two addresses. A socket that no table has is
// nobody's.
func own(client, server net.Addr) bool {
	for range looks {
		// The table of IPv6 has the sockets of programs that connect to ::ffff:127.0.0.1 too.
		ipv4, _ := os.ReadFile("/proc/net/tcp") // Without tables, no owner is known.
		ipv6, _ := os.ReadFile("/proc/net/tcp6")
		if len(ipv4)+len(ipv6) == 0 {
			return true
		}
		if owner, known := ownerOf(string(ipv4)+string(ipv6), client, server); known {
			return owner == os.Getuid() || owner == 0
		}
	}
	return false
}

// ownerOf returns the user who owns the socket between two addresses of IPv4, by the kernel's tables of sockets:
// https://docs.kernel.org/networking/proc_net_tcp.html
// A socket that its program has closed has the inode 0, and its user was anybody.
func ownerOf(sockets string, local, remote net.Addr) (user int, known bool) {
	const inode = 9
	from, to := kernelAddresses(local), kernelAddresses(remote)
	for line := range strings.Lines(sockets) {
		fields := strings.Fields(line)
		if len(fields) <= inode || fields[inode] == "0" || !slices.Contains(from, fields[1]) || !slices.Contains(to, fields[2]) {
			continue
		}
		user, err := strconv.Atoi(fields[7])
		return user, err == nil
	}
	return 0, false
}

// kernelAddresses are an address as the tables have it, in words of the machine's byte order: 127.0.0.1:80 is
// 0100007F:0050 in that of IPv4, and as ::ffff:127.0.0.1 in that of IPv6, where most machines store bytes in reverse.
func kernelAddresses(a net.Addr) []string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || tcp.IP.To4() == nil {
		return nil
	}
	mapped := ""
	for word := range slices.Chunk(tcp.IP.To16(), 4) {
		mapped += fmt.Sprintf("%08X", binary.NativeEndian.Uint32(word))
	}
	port := fmt.Sprintf(":%04X", tcp.Port)
	return []string{mapped[24:] + port, mapped + port}
}
