// Package rdstls loads the certificate authorities that database clients trust.
package rdstls

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Getter is the part of the S3 client that Read uses.
type Getter interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
}

// Read returns a TLS configuration for connections to host, which trusts the
// authorities in the PEM file at url, s3://bucket/key.
func Read(ctx context.Context, client Getter, url, host string) (*tls.Config, error) {
	text, err := object(ctx, client, url)
	if err != nil {
		return nil, fmt.Errorf("authorities of the database's certificate: %s: %w", url, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("authorities of the database's certificate: %s contains no PEM certificate", url)
	}
	return &tls.Config{RootCAs: pool, ServerName: host, MinVersion: tls.VersionTLS12}, nil
}

func object(ctx context.Context, client Getter, url string) ([]byte, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(url, "s3://"), "/")
	out, err := client.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Body.Close() }()
	return io.ReadAll(out.Body)
}
