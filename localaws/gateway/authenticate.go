package gateway

import (
	"net/http"
	"strings"

	"localaws/credentials"
)

// Authenticate passes only requests to next that are signed with a credential of the authority and do not come from a
// web page. It adds the caller to their context.
func Authenticate(authority *credentials.Authority, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r, ok := admit(authority, w, r); ok {
			next.ServeHTTP(w, r)
		}
	})
}

// admit returns the request with its caller in the context, or writes an error response.
func admit(authority *credentials.Authority, w http.ResponseWriter, r *http.Request) (*http.Request, bool) {
	if reason := webPageReason(r); reason != "" {
		http.Error(w, "the local AWS rejects requests from web pages: "+reason, http.StatusForbidden)
		return nil, false
	}
	p, err := authority.Verify(r)
	if err == nil {
		r, err = normalized(r)
	}
	if err != nil {
		writeRefusal(w, r, err)
		return nil, false
	}
	// Bucket names cannot begin with an underscore. Such paths are internal to the emulator.
	if strings.HasPrefix(r.URL.Path, "/_") && !strings.HasPrefix(r.URL.Path, InternalPrefix) {
		http.Error(w, "not found", http.StatusNotFound)
		return nil, false
	}
	return r.WithContext(credentials.WithPrincipal(r.Context(), p)), true
}
