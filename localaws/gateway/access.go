package gateway

import (
	"bytes"
	"fmt"
	"io"
	"net/http"

	"localaws/authz"
	"localaws/credentials"
)

// Access authorizes requests. The implementation is authz.Authorizer.
type Access interface {
	// Admit returns the response to a denied request, or nil if it is allowed.
	Admit(r *http.Request, body []byte, p credentials.Principal) (*authz.Response, error)
	// Missing returns the response that hides a missing object from a caller who may not list the bucket, or nil.
	Missing(r *http.Request, p credentials.Principal) (*authz.Response, error)
	// Changed is called after each served request, to invalidate caches.
	Changed(r *http.Request, body []byte)
}

// authorizationBody returns the body if authorization needs it, and nil for an object's content. The request's body
// can be read again.
func authorizationBody(r *http.Request, c *call) ([]byte, error) {
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

// allowed reports whether the caller may make the request. If not, it writes the response.
func (g *Gateway) allowed(w http.ResponseWriter, r *http.Request, body []byte) bool {
	p, ok := credentials.FromContext(r.Context())
	if !ok {
		http.Error(w, "the request has no caller", http.StatusInternalServerError)
		return false
	}
	refused, err := g.access.Admit(r, body, p)
	if err != nil {
		g.log.Error("authorize a request", "path", r.URL.Path, "error", err)
		http.Error(w, "the local AWS cannot authorize the request: "+err.Error(), http.StatusInternalServerError)
		return false
	}
	if refused != nil {
		refused.Write(w)
		return false
	}
	return true
}

// hideMissing returns a writer that hides missing objects from callers who may not list the bucket.
func (g *Gateway) hideMissing(w http.ResponseWriter, r *http.Request) http.ResponseWriter {
	return &missingHider{ResponseWriter: w, refuse: func() *authz.Response {
		p, _ := credentials.FromContext(r.Context())
		response, err := g.access.Missing(r, p)
		if err != nil {
			g.log.Error("authorize a request", "path", r.URL.Path, "error", err)
		}
		return response
	}}
}
