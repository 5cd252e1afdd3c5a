// Package localendpoint recognizes endpoints of an AWS on this machine.
package localendpoint

import (
	"net"
	"net/url"
	"slices"
	"strings"
)

// Variable is the environment variable with the endpoint of all AWS clients. The variable of a
// single service has the service's name as suffix.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
const Variable = "AWS_ENDPOINT_URL"

// ignored is the variable that makes clients ignore the others.
const ignored = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"

// Is reports whether a URL has a loopback address as host.
func Is(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// Variables returns the variables of an environment that send requests of AWS clients to this machine,
// sorted, each as NAME=URL.
func Variables(environ []string) []string {
	var found []string
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		switch {
		case name == ignored && strings.EqualFold(value, "true"):
			return nil
		case (name == Variable || strings.HasPrefix(name, Variable+"_")) && Is(value):
			found = append(found, kv)
		}
	}
	slices.Sort(found)
	return found
}
