// Package loopback recognizes loopback addresses, and finds free ports.
package loopback

import (
	"net/netip"
	"strings"
)

// Is reports whether a host is a loopback address, localhost, or a subdomain of localhost:
// https://datatracker.ietf.org/doc/html/rfc6761#section-6.3
func Is(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback() && addr.Zone() == "" // A zone may be a name.
}
