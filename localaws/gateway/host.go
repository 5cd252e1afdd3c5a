package gateway

import (
	"fmt"
	"net/http"
	"strings"

	"localaws/credentials"
)

// pathStyle moves the bucket of a host such as bucket.localhost or bucket.s3.localhost to the path, so that the decision
// and the emulator read the same one. A host names nothing else: the emulator would go by it for other services too.
func pathStyle(r *http.Request) (*http.Request, error) {
	host, port, _ := strings.Cut(r.Host, ":")
	name, ok := strings.CutSuffix(host, ".localhost")
	if !ok {
		return r, nil
	}
	if credentials.ServiceOf(r) != "s3" || r.Header.Get("X-Amz-Target") != "" {
		return r, malformed(fmt.Sprintf("the host %q names a bucket, and the request is not one of S3: send it to localhost", host))
	}
	out := r.Clone(r.Context())
	out.Host = strings.TrimSuffix("localhost:"+port, ":")
	if bucket := strings.TrimPrefix(strings.TrimSuffix("."+name, ".s3"), "."); bucket != "" {
		out.URL.Path = "/" + bucket + out.URL.Path
		if out.URL.RawPath != "" {
			out.URL.RawPath = "/" + bucket + out.URL.RawPath
		}
	}
	return out, nil
}
