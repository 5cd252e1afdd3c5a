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

// ownListener closes connections of other users of the machine. They may have read a token from the arguments of
// the program that opens the browser, or the cookie, which browsers send to every port of 127.0.0.1.
type ownListener struct{ net.Listener }

// Accept returns the next connection of the same user or root. If the kernel does not report the owner of a
// connection, as on macOS, it accepts every connection: the token still protects the console.
func (l ownListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if isOwn(conn.RemoteAddr(), conn.LocalAddr()) {
			return conn, nil
		}
		_ = conn.Close() // The client is refused, so the error does not matter.
	}
}

// lookups is how often a socket is looked up. The kernel writes its tables in pieces, and may omit a socket if
// another one closes between two pieces.
const lookups = 3

// isOwn reports whether this user or root owns the socket between two addresses. A socket that is in no table has
// no owner.
func isOwn(client, server net.Addr) bool {
	for range lookups {
		// The table of IPv6 also contains the sockets of programs that connect to ::ffff:127.0.0.1.
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

// ownerOf returns the user who owns the socket between two IPv4 addresses, by the kernel's tables of sockets:
// https://docs.kernel.org/networking/proc_net_tcp.html
// A closed socket has the inode 0, and its owner is unknown.
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

// kernelAddresses returns an address in the formats of the tables, in words of the machine's byte order. On little-endian
// machines, 127.0.0.1:80 is 0100007F:0050 in the IPv4 table; the IPv6 table contains ::ffff:127.0.0.1.
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
