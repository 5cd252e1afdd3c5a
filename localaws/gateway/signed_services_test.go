package gateway

import (
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/testtools"
)

// The list must match the emulator's, which treats unknown names as S3.
func TestSignedServicesMatchTheEmulator(t *testing.T) {
	t.Parallel()
	const program = `
import sys
from ministack.app import SERVICE_HANDLERS
from ministack.core import router
router._is_aws_service_name("")
for name in router._KNOWN_AWS_SERVICE_NAMES | set(router.SERVICE_PATTERNS) | set(sys.argv[1:]):
    scope = f"AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/{name}/aws4_request"
    service = router.detect_service("POST", "/bucket/key", {"authorization": scope, "host": "127.0.0.1:4566"}, {})
    if service in SERVICE_HANDLERS and (service != "s3" or name == "s3"):
        print(name)
`
	out, err := exec.CommandContext(t.Context(), testtools.Python(t), append([]string{"-c", program}, signedServices...)...).Output() //nolint:gosec // The Python of the setup.
	require.NoError(t, err)
	// lakeformation is served here. The others are internal names of the emulator, which no signature contains, and the
	// service of customers' APIs, which the emulator treats as API Gateway.
	want := append(strings.Fields(`
		appsync-events bedrock-agent bedrock-agent-runtime cloudcontrol documentdb dynamodbstreams execute-api iot-data
		kinesisanalyticsv2 lambda-core lambda-microvms location opensearchserverless
	`), slices.DeleteFunc(slices.Clone(signedServices), func(name string) bool { return name == "lakeformation" })...)
	require.ElementsMatch(t, want, strings.Fields(string(out)))
}

// Go ignores invalid parts of a query, and the emulator does not.
func TestAmbiguousQueriesAreRefused(t *testing.T) {
	t.Parallel()
	for query, refused := range map[string]bool{"policy": false, "policy=%3B": false, "policy=;": true, "policy=%zz": true} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/bucket", nil)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0")
		r.Header.Set("X-Amz-Date", "20260101T000000Z")
		r.URL.RawQuery = query
		_, err := normalized(r)
		require.Equal(t, refused, err != nil, "%s: %v", query, err)
	}
}

// The emulator does not decode a plus sign, and S3 does.
func TestPlusInACopySourceIsASpace(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{"events/a+b%2Bc": "events/a%20b%2Bc", "events/a%20b": "events/a%20b"} {
		r := httptest.NewRequest(http.MethodPut, "http://localhost/events/copy", nil)
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=key/20260101/eu-west-1/s3/aws4_request, SignedHeaders=host, Signature=0")
		r.Header.Set("X-Amz-Date", "20260101T000000Z")
		r.Header.Set("X-Amz-Copy-Source", source)
		got, err := normalized(r)
		require.NoError(t, err)
		require.Equal(t, want, got.Header.Get("X-Amz-Copy-Source"))
	}
}
