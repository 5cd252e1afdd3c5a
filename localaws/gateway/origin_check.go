package gateway

import (
	"net"
	"net/http"
	"net/url"

	"localaws/loopback"
)

// webPageReason returns the reason why a request appears to come from a web page, or "". A browser lets every site send
// requests to 127.0.0.1, and sends no Origin for images, scripts, navigation and GET forms. So each header that a
// browser may add must be absent or match this address.
func webPageReason(r *http.Request) string {
	if !onThisMachine(r.Host) {
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

// onThisMachine reports whether a host is on this machine. It accepts bucket.localhost too, see pathStyle.
func onThisMachine(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	return loopback.Is(host)
}
