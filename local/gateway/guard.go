package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"store-events/local/credentials"
)

// foreign says why a request comes from a web page, or returns "". A browser lets every site send requests to
// 127.0.0.1, and adds Origin only to some of them: images, scripts, navigation and GET forms have none. So each
// header that a browser may add must be absent or name this address.
func foreign(r *http.Request) string {
	if !loopback(r.Host) {
		return "the Host header names another server"
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return "the request comes from a web page (Sec-Fetch-Site: " + site + ")"
		}
	}
	for _, name := range []string{"Origin", "Referer"} {
		for _, value := range r.Header.Values(name) {
			if u, err := url.Parse(value); err != nil || u.Scheme != "http" || u.Host != r.Host {
				return "the request comes from a web page (" + name + ")"
			}
		}
	}
	return ""
}

// loopback also accepts bucket.localhost, for clients that put the bucket there.
func loopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback()
}

// Guard admits only requests that are signed with a credential of the authority and do not come from a web page.
// Their context has the caller.
func Guard(authority *credentials.Authority, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r, ok := admit(authority, w, r); ok {
			next.ServeHTTP(w, r)
		}
	})
}

// admit returns the request with its caller, or answers it with a refusal.
func admit(authority *credentials.Authority, w http.ResponseWriter, r *http.Request) (*http.Request, bool) {
	if reason := foreign(r); reason != "" {
		http.Error(w, "the local AWS takes no requests from web pages: "+reason, http.StatusForbidden)
		return nil, false
	}
	// No bucket name begins with an underscore: such paths are the emulator's internal ones.
	if strings.HasPrefix(r.URL.Path, "/_") && !strings.HasPrefix(r.URL.Path, InternalPrefix) {
		http.Error(w, "not found", http.StatusNotFound)
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
	return r.WithContext(credentials.WithPrincipal(r.Context(), p)), true
}
