package console

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Another user of the machine is refused, even with the token.
func TestOtherUsersAreCutOff(t *testing.T) {
	l, err := Listen(t.Context(), 0)
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "page") })} //nolint:gosec // Without timeouts in a test.
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })

	hosts := []string{"127.0.0.1"}
	if _, err := os.Stat("/proc/net/tcp6"); err == nil {
		hosts = append(hosts, "::ffff:127.0.0.1")
	}
	for _, host := range hosts {
		require.Equal(t, "HTTP/1.1 200 OK", ask(t, host, l.Addr(), os.Getuid()))
		if os.Getuid() == 0 { // as root the test can run commands as another user
			const nobody = 65534
			require.Empty(t, ask(t, host, l.Addr(), nobody), host)
			require.Equal(t, "HTTP/1.1 200 OK", ask(t, host, l.Addr(), 0), "the owner is served after that")
		}
	}
}

// ask sends a request as a user to an address of this machine, and returns the first line of the response.
func ask(t *testing.T, host string, at net.Addr, user int) string {
	t.Helper()
	tcp := at.(*net.TCPAddr)
	const script = `exec 3<>"/dev/tcp/$1/$0" && printf 'GET /?token=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&3 && cat <&3`
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script, strconv.Itoa(tcp.Port), host) //nolint:gosec // The script is a constant.
	cmd.Dir = "/"
	if os.Getuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(user), Gid: uint32(user)}} //nolint:gosec // IDs of users.
	}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	lines.Scan()
	first := lines.Text()
	_ = cmd.Wait() // The command fails if the server closes the connection.
	return first
}

func TestOwnerOfASocket(t *testing.T) {
	const sockets = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
   3: 0100007F:C352 0100007F:1F90 05 00000000:00000000 00:00000000 00000000     0        0 0 1 0 20 4 30 10 -1
  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:C351 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 4 1 0 20 4 30 10 -1
`
	at := func(port int) net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port} }
	for port, want := range map[int]int{50000: 1000, 50001: 1001} {
		user, known := ownerOf(sockets, at(port), at(8080))
		require.True(t, known)
		require.Equal(t, want, user)
		_, known = ownerOf("", at(port), at(8080))
		require.False(t, known)
	}
	_, known := ownerOf(sockets, at(50002), at(8080))
	require.False(t, known, "closed by its program")
	_, known = ownerOf(sockets, at(50003), at(8080))
	require.False(t, known)
	_, known = ownerOf(sockets, &net.TCPAddr{IP: net.IPv6loopback, Port: 50000}, at(8080))
	require.False(t, known)
}

// A socket missing from the tables belongs to another user: the tables have all sockets of this machine.
func TestUnknownSocketIsNotOwn(t *testing.T) {
	if _, err := os.Stat("/proc/net/tcp"); err != nil {
		t.Skip("the kernel has no tables of sockets")
	}
	at := func(port int) net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port} }
	require.False(t, isOwn(at(1), at(2)))
}
