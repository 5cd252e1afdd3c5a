package authz

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"regexp"

	"localaws/iam/policy"
)

type principalKey struct{}

// As returns a context for requests of the principal through a Transport.
func As(ctx context.Context, p policy.Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, p)
}

// Transport authorizes requests of local services to the emulator for the principal in their context. It forwards
// requests without a principal unchecked.
func (a *Authorizer) Transport(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		p, ok := r.Context().Value(principalKey{}).(policy.Principal)
		if !ok {
			return next.RoundTrip(r)
		}
		var body []byte
		if r.Body != nil && NeedsBody(r) {
			var err error
			if body, err = io.ReadAll(r.Body); err != nil {
				return nil, fmt.Errorf("read the request: %w", err)
			}
			_ = r.Body.Close()
			r = r.Clone(r.Context())
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		d, err := a.Request(r, body, p)
		if err != nil {
			return nil, err
		}
		if d != nil {
			if r.Body != nil {
				_ = r.Body.Close()
			}
			return Denied(r, *d).http(r), nil
		}
		return next.RoundTrip(r)
	})
}

// NeedsBody reports whether authorization needs the request's body. It does not need the content of objects or the code
// of functions.
func NeedsBody(r *http.Request) bool {
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		return false
	}
	if r.Header.Get("X-Amz-Target") != "" || r.URL.Query().Has("delete") {
		return true
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return (err == nil && kind == "application/x-www-form-urlencoded") || lambdaPath.MatchString(r.URL.Path)
}

// lambdaPath matches requests that create a function or event source mapping, or change its settings.
var lambdaPath = regexp.MustCompile(`^/20\d\d-\d\d-\d\d/(functions(/?|/[^/]+/(configuration|policy))|event-source-mappings/?.*)$`)
