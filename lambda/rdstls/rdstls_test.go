package rdstls_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"store-events/lambda/rdstls"
)

// objects maps bucket/key to contents.
type objects map[string]string

var errMissing = errors.New("no such key")

func (o objects) GetObject(_ context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	text, ok := o[aws.ToString(in.Bucket)+"/"+aws.ToString(in.Key)]
	if !ok {
		return nil, errMissing
	}
	return &s3.GetObjectOutput{Body: io.NopCloser(strings.NewReader(text))}, nil
}

// The test server's certificate is self-signed, for example.com.
func TestAuthorityAndNameAreVerified(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	stored := objects{
		"events/a/ca.pem": "An authority\n" + string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})),
		"events/none.pem": "nothing",
	}
	dial := func(host string) error {
		cfg, err := rdstls.Read(t.Context(), stored, "s3://events/a/ca.pem", host)
		require.NoError(t, err)
		require.Equal(t, uint16(tls.VersionTLS12), cfg.MinVersion, "RDS has no older version that is safe")
		conn, err := (&tls.Dialer{Config: cfg}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			return err
		}
		return conn.Close()
	}
	require.NoError(t, dial("example.com"))
	other := x509.HostnameError{}
	require.ErrorAs(t, dial("db.internal"), &other)

	_, err := rdstls.Read(t.Context(), stored, "s3://events/none.pem", "example.com")
	require.ErrorContains(t, err, "s3://events/none.pem contains no PEM certificate")
	_, err = rdstls.Read(t.Context(), stored, "s3://events/gone.pem", "example.com")
	require.ErrorIs(t, err, errMissing)
}
