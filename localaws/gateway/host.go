package gateway

import (
	"fmt"
	"net/http"
	"strings"

	"localaws/credentials"
)

// pathStyle moves the bucket from hosts like bucket.localhost or bucket.s3.localhost to the path, so that authorization
// and the emulator use the same bucket. It rejects such hosts for other services, because the emulator would route by
// them.
func pathStyle(r *http.Request) (*http.Request, error) {
	host, port, _ := strings.Cut(r.Host, ":")
	name, ok := strings.CutSuffix(host, ".localhost")
	if !ok {
		return r, nil
	}
	if credentials.ServiceOf(r) != "s3" || r.Header.Get("X-Amz-Target") != "" {
		return r, malformed(fmt.Sprintf("the host %q names a bucket, but the request is not for S3: send it to localhost", host))
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
