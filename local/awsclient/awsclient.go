// Package awsclient makes clients of AWS servers on this machine, which answer
// faster than Go's AWS SDK v2 expects.
package awsclient

import (
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// Config is for clients of the server at url, in a region.
func Config(region, url string) aws.Config {
	return aws.Config{
		Region: region, BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient: &http.Client{Transport: plainBodies{&http.Transport{
			MaxIdleConnsPerHost: 64,
			IdleConnTimeout:     20 * time.Second, // below the emulator's own
		}}},
	}
}

// plainBodies hides WriteTo of smithy-go's request bodies. It fails once the
// body is closed, and net/http may call it when a fast server has answered
// already; the connection and the answer are then lost.
type plainBodies struct{ next http.RoundTripper }

func (t plainBodies) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return t.next.RoundTrip(req)
	}
	plain := *req
	plain.Body = struct{ io.ReadCloser }{req.Body}
	return t.next.RoundTrip(&plain)
}
