package gateway

import (
	"net/http"

	"localaws/authz"
)

// missingHider responds with 403 instead of 404 to a caller who may not list the bucket.
type missingHider struct {
	http.ResponseWriter
	refuse  func() *authz.Response
	refused bool
}

// Unwrap lets the proxy flush.
func (h *missingHider) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// WriteHeader replaces a 404 response.
func (h *missingHider) WriteHeader(status int) {
	if status == http.StatusNotFound {
		if response := h.refuse(); response != nil {
			h.refused = true
			clear(h.Header())
			response.Write(h.ResponseWriter)
			return
		}
	}
	h.ResponseWriter.WriteHeader(status)
}

// Write drops the body of a replaced response.
func (h *missingHider) Write(p []byte) (int, error) {
	if h.refused {
		return len(p), nil
	}
	return h.ResponseWriter.Write(p)
}
