// Package front serves an emulator at an address for programs that a test runs.
package front

import (
	"log/slog"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"localaws/gateway"
	"localaws/ministack"
)

// Serve starts a server that forwards signed requests to the emulator. It returns its address, and credentials for
// signing requests.
func Serve(t testing.TB, e *ministack.Emulator) (url string, c aws.Credentials) {
	t.Helper()
	authority, err := credentials.Open(t.TempDir())
	require.NoError(t, err)
	server := httptest.NewServer(gateway.Front(e.Transport(), authority, slog.New(slog.DiscardHandler)))
	t.Cleanup(server.Close)
	return server.URL, authority.Root()
}
