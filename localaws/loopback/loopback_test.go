package loopback

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIs(t *testing.T) {
	for host, want := range map[string]bool{
		"127.0.0.1": true, "127.1.2.3": true, "::1": true, "[::1]": true, "localhost": true, "bucket.localhost": true,
		"": false, "0.0.0.0": false, "10.0.0.1": false, "localhost.example.com": false, "notlocalhost": false, "::1%a.example.com": false, "127.0.0.1.example.com": false,
	} {
		require.Equal(t, want, Is(host), host)
	}
}
