package localendpoint

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIs(t *testing.T) {
	for address, want := range map[string]bool{
		"http://127.0.0.1:4566": true, "http://[::1]:4566": true, "https://localhost": true, "http://s3.localhost:4566": true,
		"": false, "127.0.0.1:4566": false, "https://s3.eu-west-1.amazonaws.com": false, "http://10.0.0.1": false,
		"http://localhost.example.com": false, "http://127.0.0.1.example.com": false, "%": false,
	} {
		require.Equal(t, want, Is(address), address)
	}
}

func TestVariables(t *testing.T) {
	const all, s3 = "AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_ENDPOINT_URL_S3=http://localhost:4566"
	for name, tc := range map[string]struct{ environ, want []string }{
		"none":    {[]string{"HOME=/root", "OTHER=http://127.0.0.1"}, nil},
		"sorted":  {[]string{s3, "HOME=/root", all}, []string{all, s3}},
		"remote":  {[]string{"AWS_ENDPOINT_URL=https://vpce-1.s3.eu-west-1.vpce.amazonaws.com"}, nil},
		"empty":   {[]string{"AWS_ENDPOINT_URL="}, nil},
		"ignored": {[]string{all, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=True"}, nil},
		"used":    {[]string{all, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false"}, []string{all}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, tc.want, Variables(tc.environ)) })
	}
}
