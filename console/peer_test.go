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

// Another user of the machine gets no answer, even with the token.
func TestOtherUsersAreCutOff(t *testing.T) {
	l, err := Listen(t.Context(), 0)
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "page") })} //nolint:gosec // A test.
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })

	require.Equal(t, "HTTP/1.1 200 OK", ask(t, l.Addr(), os.Getuid()))
	if os.Getuid() == 0 { // and may so become another user
		const nobody = 65534
		require.Empty(t, ask(t, l.Addr(), nobody))
		require.Equal(t, "HTTP/1.1 200 OK", ask(t, l.Addr(), 0), "the owner is served after that")
	}
}

// ask returns the first line of the answer to a user.
func ask(t *testing.T, at net.Addr, user int) string {
	t.Helper()
	tcp := at.(*net.TCPAddr)
	const script = `exec 3<>"/dev/tcp/127.0.0.1/$0" && printf 'GET /?token=x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&3 && cat <&3`
	cmd := exec.CommandContext(t.Context(), "bash", "-c", script, strconv.Itoa(tcp.Port)) //nolint:gosec // The script is this test's.
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
	_ = cmd.Wait() // It fails if the server hangs up.
	return first
}

func TestOwnerOfASocket(t *testing.T) {
	const sockets = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0100007F:C350 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 2 1 0 20 4 30 10 -1
   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1
`
	client, server := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 50000}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080}
	user, known := ownerOf(sockets, client, server)
	require.True(t, known)
	require.Equal(t, 1000, user)
	_, known = ownerOf(sockets, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 50001}, server)
	require.False(t, known)
	_, known = ownerOf("", client, server)
	require.False(t, known)
	_, known = ownerOf(sockets, &net.TCPAddr{IP: net.IPv6loopback, Port: 50000}, server)
	require.False(t, known)
}
