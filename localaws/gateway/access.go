package gateway

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"localaws/authz"
	"localaws/credentials"
)

// Access decides what the callers of requests may do: an authz.Authorizer.
type Access interface {
	// Admit returns the answer to a refused request, or nil.
	Admit(r *http.Request, body []byte, p credentials.Principal) (*authz.Response, error)
	// Missing returns the answer to a caller who may not know that an object is missing, or nil.
	Missing(r *http.Request, p credentials.Principal) (*authz.Response, error)
	// Changed is called after a request was served.
	Changed(r *http.Request, body []byte)
}

// described returns the body if authorization needs it; the bytes of an object do not matter. The request's body
// can be read again.
func described(r *http.Request, c *call) ([]byte, error) {
	if c != nil {
		return c.body, nil
	}
	if r.Body == nil || !authz.NeedsBody(r) {
		return nil, nil
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxCallBody))
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return body, nil
}

// allowed reports whether the caller may make the request. If not, it answers the request.
func (g *Gateway) allowed(w http.ResponseWriter, r *http.Request, body []byte) bool {
	p, ok := credentials.FromContext(r.Context())
	if !ok {
		http.Error(w, "the request has no caller", http.StatusInternalServerError)
		return false
	}
	refused, err := g.access.Admit(r, body, p)
	if err != nil {
		g.log.Error("decide a request", "path", r.URL.Path, "error", err)
		http.Error(w, "the local AWS cannot decide the request: "+err.Error(), http.StatusInternalServerError)
		return false
	}
	if refused != nil {
		refused.Write(w)
		return false
	}
	return true
}

// hide keeps from the caller what it may not know of a bucket.
func (g *Gateway) hide(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	return &missingHider{ResponseWriter: w, refuse: func() *authz.Response {
		p, _ := credentials.FromContext(r.Context())
		answer, err := g.access.Missing(r, p)
		if err != nil {
			g.log.Error("decide a request", "path", r.URL.Path, "error", err)
		}
		return answer
	}}
}
