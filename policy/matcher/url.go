package matcher

import (
	"regexp"

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
