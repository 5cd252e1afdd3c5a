package gateway_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWebPagesAreRefused(t *testing.T) {
	url := beforeFake(t)
	for name, c := range map[string]struct {
		host, origin string
		want         int
	}{
		"client":            {"127.0.0.1:4566", "", http.StatusOK},
		"client by name":    {"localhost", "", http.StatusOK},
		"bucket in host":    {"events.localhost:4566", "", http.StatusOK},
		"page of ours":      {"127.0.0.1:4566", "http://127.0.0.1:8080", http.StatusOK},
		"foreign page":      {"127.0.0.1:4566", "https://example.com", http.StatusForbidden},
		"page without name": {"127.0.0.1:4566", "null", http.StatusForbidden},
		"foreign name":      {"localhost.example.com:4566", "", http.StatusForbidden},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, nil)
		require.NoError(t, err)
		req.Host = c.host
		if c.origin != "" {
			req.Header.Set("Origin", c.origin)
		}
		require.Equal(t, c.want, send(t, req), name)
	}
}

func TestGoClientsGetAMoment(t *testing.T) {
	url := beforeFake(t)
	began := time.Now()
	for range 20 {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url+"/bucket/key", strings.NewReader("{}"))
		require.NoError(t, err)
		req.Header.Set("User-Agent", "APN/1.0 aws-sdk-go-v2/1.30")
		require.Equal(t, http.StatusOK, send(t, req))
	}
	require.GreaterOrEqual(t, time.Since(began), 20*5*time.Millisecond)
}

// beforeFake is a gateway before something that answers at once.
func beforeFake(t *testing.T) string {
	t.Helper()
	fake := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(fake.Close)
	_, url := serve(t, t.TempDir(), fake.URL, nil)
	return url
}

func send(t *testing.T, req *http.Request) int {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}
