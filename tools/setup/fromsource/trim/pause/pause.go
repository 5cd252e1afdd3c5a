// Package pause determines how long the provider waits between checks of an operation.
// The real AWS takes minutes, so the provider's pauses are up to a minute; an emulator
// completes operations immediately. Conditions and timeouts are not changed.
//
// A copy of this package is compiled into the trimmed provider.
package pause

import (
	"net"
	"net/url"
	"sync/atomic"
	"time"
)

var emulated atomic.Bool

// For sets the endpoints of the AWS services. If all are on this machine, they belong to
// an emulator, and pauses are not needed.
func For(endpoints map[string]string) {
	local := len(endpoints) > 0
	for _, e := range endpoints {
		local = local && (e == "" || loopback(e))
	}
	emulated.Store(local)
}

func loopback(endpoint string) bool {
	u, err := url.Parse(endpoint)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// Of returns the pause that replaces d.
func Of(d time.Duration) time.Duration {
	if emulated.Load() {
		return 0
	}
	return d
}
