// Package awsclient configures clients of AWS servers on this machine, which respond faster than Go's AWS SDK v2
// expects.
package awsclient

import (
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// unchecked are credentials for servers that do not check them: the emulator, and fakes in tests.
var unchecked = aws.Credentials{AccessKeyID: "unchecked", SecretAccessKey: "unchecked"}

// Config returns the configuration for a server at url that does not check credentials.
func Config(region, url string) aws.Config { return Signed(region, url, unchecked) }

// Signed returns the configuration for the gateway at url, with credentials of its state folder.
func Signed(region, url string, c aws.Credentials) aws.Config {
	cfg := Over(&http.Transport{
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     20 * time.Second, // below the emulator's timeout
	}, region, url)
	cfg.Credentials = credentials.StaticCredentialsProvider{Value: c}
	return cfg
}

// Over returns the configuration for the emulator behind a transport.
func Over(transport http.RoundTripper, region, url string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(url),
		Credentials: credentials.StaticCredentialsProvider{Value: unchecked},
		HTTPClient:  &http.Client{Transport: plainBodies{transport}},
	}
}

// InAccount returns cfg for another account of the emulator, which uses the access key as the account.
func InAccount(cfg aws.Config, account string) aws.Config {
	cfg.Credentials = credentials.StaticCredentialsProvider{Value: aws.Credentials{AccessKeyID: account, SecretAccessKey: "unchecked"}}
	return cfg
}

// plainBodies hides the method WriteTo of smithy-go's request bodies. WriteTo fails after the body is closed, and
// net/http may call it after a fast server has responded, which would drop the connection and the response.
type plainBodies struct{ next http.RoundTripper }

func (t plainBodies) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return t.next.RoundTrip(req)
	}
	plain := *req
	plain.Body = struct{ io.ReadCloser }{req.Body}
	return t.next.RoundTrip(&plain)
}
