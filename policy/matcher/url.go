package matcher

import (
	"regexp"
	"strings"

	"store-events/policy/value"
)

var (
	userInfo            = regexp.MustCompile(`(?i)//[^/?#@\s]+@|jdbc:oracle:\w+:[^@/]+/[^@]*@`)
	credentialParameter = regexp.MustCompile(`(?i)[?&;](user|username|password|pwd)=`)
)

// URLWithoutCredentials accepts a URL, including JDBC's forms, without user info and without user or password
// parameters.
func URLWithoutCredentials(v value.Value) (bool, error) {
	text, err := v.Text()
	return !userInfo.MatchString(text) && !credentialParameter.MatchString(text), err
}

// NamedOrigin accepts an origin with a name after the scheme.
func NamedOrigin(v value.Value) (bool, error) {
	text, err := v.Text()
	_, host, found := strings.Cut(text, "://")
	if !found {
		host = text
	}
	return !strings.HasPrefix(host, "*") || strings.Count(host, ".") > 1, err
}
