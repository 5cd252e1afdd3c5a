package standin

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/stretchr/testify/require"
)

// S3 accepts the suffix -an only in the account's own namespace:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func TestBucketsNamespaceFitsItsName(t *testing.T) {
	for name, namespace := range map[string]string{"events": "", "events-111122223333-us-west-2-an": "account-regional"} {
		var got string
		server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("X-Amz-Bucket-Namespace") }))
		cfg := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: aws.AnonymousCredentials{}}
		require.NoError(t, newBucket(t.Context(), cfg, name))
		require.Equal(t, namespace, got)
		server.Close()
	}
}
