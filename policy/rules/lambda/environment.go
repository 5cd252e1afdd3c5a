package lambda

import (
	"regexp"
	"strings"

	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// detours are the variables that redirect the requests of AWS's SDKs, or of most programs:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
var detours = regexp.MustCompile(`^(?:AWS_ENDPOINT_URL(?:_[A-Z0-9_]+)?|(?i:https?_proxy|all_proxy))$`)

// loaders are the variables that load code before or into the function.
var loaders = regexp.MustCompile(`^(?:AWS_LAMBDA_EXEC_WRAPPER|LD_PRELOAD|LD_LIBRARY_PATH|PYTHONPATH|PYTHONSTARTUP|NODE_OPTIONS|NODE_PATH|JAVA_TOOL_OPTIONS|RUBYOPT|BASH_ENV)$`)

// unverified maps variables to values that turn off the verification of certificates.
var unverified = map[string]*regexp.Regexp{
	"NODE_TLS_REJECT_UNAUTHORIZED": regexp.MustCompile(`^0$`),
	"PYTHONHTTPSVERIFY":            regexp.MustCompile(`^0$`),
	"CURL_CA_BUNDLE":               regexp.MustCompile(`^$`), // Turns off verification in Python's requests.
	"GIT_SSL_NO_VERIFY":            regexp.MustCompile(`(?i)^(?:1|true|yes|on)$`),
	"PGSSLMODE":                    regexp.MustCompile(`^(?:disable|allow|prefer)$`),
	"JAVA_TOOL_OPTIONS":            regexp.MustCompile(`disableCertChecking`),
}

// authorities are the variables that set the trusted certificates.
var authorities = regexp.MustCompile(`^(?:SSL_CERT_(?:FILE|DIR)|AWS_CA_BUNDLE|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|NODE_EXTRA_CA_CERTS)$`)

// writable matches folders outside the function's package, layers and runtime, and URLs.
var writable = regexp.MustCompile(`(?:^|[\s:=,"'])/(?:tmp|mnt|dev|proc)\b|://|\bdata:`)

// awsHost matches the hosts of AWS.
var awsHost = regexp.MustCompile(`^https://(?:[a-z0-9.-]+\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)(?::443)?/?$`)

// requireOwnCalls reports variables of a function's environment that redirect its requests, turn off the verification of
// certificates, or run code outside its package.
func requireOwnCalls(variables value.Value) []rule.Finding {
	var findings []rule.Finding
	for _, v := range variables.Fields() {
		if off := unverified[v.Key]; off != nil {
			findings = append(findings, rule.Require(v.Value, matcher.Not(matcher.Matches(off)), "the variable turns off certificate verification")...)
		}
		switch {
		case detours.MatchString(v.Key):
			findings = append(findings, rule.Require(v.Value, func(v value.Value) (bool, error) {
				text, err := v.Text()
				return text == "" || awsHost.MatchString(strings.ToLower(text)), err
			}, "the variable redirects calls to a host outside AWS")...)
		case authorities.MatchString(v.Key):
			findings = append(findings, rule.Require(v.Value, matcher.Not(matcher.Matches(writable)), "the variable trusts certificates outside the function's package")...)
		case loaders.MatchString(v.Key):
			findings = append(findings, rule.Require(v.Value, matcher.Not(matcher.Matches(writable)), "the variable loads code from outside the function's package")...)
		}
	}
	return findings
}
