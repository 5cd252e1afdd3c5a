// Package loopback recognizes addresses of this machine, and finds free ports of it.
package loopback

import (
	"net/netip"
	"strings"
)

// Is reports whether a host is a loopback address, localhost, or a name below localhost, which resolve to one:
// https://datatracker.ietf.org/doc/html/rfc6761#section-6.3
func Is(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && addr.IsLoopback() && addr.Zone() == "" // A zone may be a name.
}
