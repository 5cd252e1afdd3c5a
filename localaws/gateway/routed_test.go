package gateway

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/testtools"
)

// The emulator takes what it does not know for S3.
func TestTheEmulatorGoesByTheSignature(t *testing.T) {
	t.Parallel()
	const program = `
import sys
from ministack.core.router import detect_service
for name in sys.argv[1:]:
    scope = f"AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/{name}/aws4_request"
    print(name, detect_service("POST", "/bucket/key", {"authorization": scope, "host": "127.0.0.1:4566"}, {}))
`
	services := append([]string{"unheard"}, routed...)
	out, err := exec.CommandContext(t.Context(), testtools.Python(t), append([]string{"-c", program}, services...)...).Output() //nolint:gosec // The Python of the set-up.
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, len(services))
	for i, service := range services {
		if service == "unheard" || service == "s3" {
			require.Equal(t, service+" s3", lines[i])
			continue
		}
		require.NotEqual(t, service+" s3", lines[i], "the emulator does not know the service")
	}
}
