package console

import (
	"net/http"
	"net/url"
)

// policy allows a page to load only the console's own files.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// foreign returns why a request is neither from the console's own pages nor from a
// URL that the user has opened, "" otherwise. Browsers allow every site to send
// requests to 127.0.0.1, and add Origin only to some of them. So each header that
// browsers may add must be absent or contain this address, for every method.
func foreign(r *http.Request, host string) string {
	if r.Host != host {
		return "the Host header names another server"
	}
	for _, site := range r.Header.Values("Sec-Fetch-Site") {
		if site != "same-origin" && site != "none" {
			return "the request comes from another site"
		}
	}
	for _, name := range []string{"Origin", "Referer"} {
		for _, value := range r.Header.Values(name) {
			if u, err := url.Parse(value); err != nil || u.Scheme != "http" || u.Host != host {
				return "the request comes from another site (" + name + ")"
			}
		}
	}
	return ""
}

// sameOrigin refuses foreign requests, and adds the headers that protect the pages.
func sameOrigin(host string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		// With no-referrer, browsers would send Origin: null with forms.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if reason := foreign(r, host); reason != "" {
			http.Error(w, "Refused: "+reason+".", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
