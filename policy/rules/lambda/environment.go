package lambda

import (
	"regexp"
	"strings"

	"store-events/policy/rule"
	"store-events/policy/value"
)

// detours are the variables that send the calls of AWS's SDKs elsewhere, or the traffic of most programs:
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
var detours = regexp.MustCompile(`^(?:AWS_ENDPOINT_URL(?:_[A-Z0-9_]+)?|(?i:https?_proxy|all_proxy))$`)

// loaders are the variables that name code which runs before or inside the function.
var loaders = regexp.MustCompile(`^(?:AWS_LAMBDA_EXEC_WRAPPER|LD_PRELOAD|LD_LIBRARY_PATH|PYTHONPATH|PYTHONSTARTUP|NODE_OPTIONS|NODE_PATH|JAVA_TOOL_OPTIONS|RUBYOPT|BASH_ENV)$`)

// writable matches the folders whose files are not of the function's package, layers or runtime, and web sites.
var writable = regexp.MustCompile(`(?:^|[\s:=,"'])/(?:tmp|mnt|dev|proc)\b|://|\bdata:`)

// awsHost matches the hosts of AWS.
var awsHost = regexp.MustCompile(`^https://(?:[a-z0-9.-]+\.)?(?:amazonaws\.com(?:\.cn)?|api\.aws)(?::443)?/?$`)

// requireOwnCalls reports variables of a function's environment by which others answer its calls, or which run code
// that is not in its package.
func requireOwnCalls(variables value.Value) []rule.Finding {
	var findings []rule.Finding
	for _, v := range variables.Fields() {
		switch {
		case detours.MatchString(v.Key):
			findings = append(findings, rule.Require(v.Value, func(v value.Value) (bool, error) {
				text, err := v.Text()
				return text == "" || awsHost.MatchString(strings.ToLower(text)), err
			}, "calls go to a host that is not of AWS")...)
		case loaders.MatchString(v.Key):
			findings = append(findings, rule.Require(v.Value, func(v value.Value) (bool, error) {
				text, err := v.Text()
				return !writable.MatchString(text), err
			}, "code outside the function's package is loaded")...)
		}
	}
	return findings
}
