package localaws

import (
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
)

// clientConfig is how our own services speak to the emulator.
func clientConfig(region, url string) aws.Config {
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
