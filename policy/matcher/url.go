package matcher

import (
	"regexp"

	"store-events/policy/value"
)

var (
	userInfo            = regexp.MustCompile(`(?i)//[^/?#@\s]+@|jdbc:oracle:\w+:[^@/]+/[^@]*@`)
	credentialParameter = regexp.MustCompile(`(?i)[?&;](user|username|password|pwd)=`)
)

// URLWithoutCredentials holds for a URL, JDBC's forms included, with neither user info nor user or password parameters.
func URLWithoutCredentials(v value.Value) (bool, error) {
	text, err := v.Text()
	return !userInfo.MatchString(text) && !credentialParameter.MatchString(text), err
}
