// Package awsclient makes clients of AWS servers on this machine, which answer faster than Go's AWS SDK v2
// expects.
package awsclient

import (
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// unchecked are for servers that check no credentials: the emulator, and fakes
// in tests.
var unchecked = aws.Credentials{AccessKeyID: "unchecked", SecretAccessKey: "unchecked"}

// Config is for clients of a server at url that checks no credentials.
func Config(region, url string) aws.Config { return Signed(region, url, unchecked) }

// Signed is for clients of the gateway at url, with credentials of its state
// folder.
func Signed(region, url string, c aws.Credentials) aws.Config {
	cfg := Over(&http.Transport{
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     20 * time.Second, // below the emulator's own
	}, region, url)
	cfg.Credentials = credentials.StaticCredentialsProvider{Value: c}
	return cfg
}

// Over is for clients that reach the emulator through a transport.
func Over(transport http.RoundTripper, region, url string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(url),
		Credentials: credentials.StaticCredentialsProvider{Value: unchecked},
		HTTPClient:  &http.Client{Transport: plainBodies{transport}},
	}
}

// InAccount is cfg for the resources of another account of the emulator, which takes the account from the access key.
func InAccount(cfg aws.Config, account string) aws.Config {
	cfg.Credentials = credentials.StaticCredentialsProvider{Value: aws.Credentials{AccessKeyID: account, SecretAccessKey: "unchecked"}}
	return cfg
}

// plainBodies hides WriteTo of smithy-go's request bodies. WriteTo fails once the body is closed, and net/http
// may call it after a fast server has already answered, which would lose the connection and the answer.
type plainBodies struct{ next http.RoundTripper }

func (t plainBodies) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return t.next.RoundTrip(req)
	}
	plain := *req
	plain.Body = struct{ io.ReadCloser }{req.Body}
	return t.next.RoundTrip(&plain)
}
