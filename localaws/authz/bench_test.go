package authz

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// BenchmarkRequest measures what authorization adds to a request of S3 once the
// policies are loaded.
func BenchmarkRequest(b *testing.B) {
	w := newWorld(b)
	w.role(b, "bench", `{"Effect":"Allow","Action":["s3:ListBucket","s3:GetBucketLocation"],"Resource":"arn:aws:s3:::bench"},
		{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],"Resource":["arn:aws:s3:::bench/a/*","arn:aws:s3:::bench/b/*"]}`)
	p := w.authorizer.Session("arn:aws:iam::000000000000:role/jobs/bench", "run")
	r := httptest.NewRequest(http.MethodGet, "/bench/b/object", nil)
	for b.Loop() {
		d, err := w.authorizer.Request(r, nil, p)
		require.NoError(b, err)
		require.Nil(b, d)
	}
}
