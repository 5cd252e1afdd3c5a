package matcher

import (
	"encoding/base64"
	"math"
	"regexp"
	"strings"
	"unicode/utf8"

	"store-events/policy/value"
)

// credentialPatterns match credentials in any position.
var credentialPatterns = []*regexp.Regexp{
	regexp.MustCompile(`\b(AKIA|ASIA)[A-Z0-9]{16}\b`),
	regexp.MustCompile(`-----BEGIN ([A-Z]+ )*PRIVATE KEY-----`),
	// A literal after password=, but not a reference ($x, {x}, <x>, %s), call or attribute (get(x), a.b).
	regexp.MustCompile(`(?i)\b(password|passwd|pwd)["']?\s*[:=]\s*["'][^"'\s$\{<%][^"'\s]{3,}["']`),
	regexp.MustCompile(`(?i)[?&;\s_-](password|passwd|pwd)=[^&;\s"'$\{<%()]{4,}(?:[&;\s]|$)`),
	regexp.MustCompile(`(?i)\b[a-z][a-z0-9+.-]*://[^/?#@\s:]+:[^/?#@\s$\{<%]+@`),
	// Go's MySQL driver: user:password@tcp(host)/database.
	regexp.MustCompile(`[\w.-]+:[^@\s$\{<%]+@(tcp|unix)\(`),
	// Tokens that begin as their issuers' documentation says: GitHub, GitLab, Slack, Stripe, Google, npm, PyPI, SendGrid, Pulumi.
	regexp.MustCompile(`\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,}|[rs]k_(live|test)_\w{16,}|AIza[\w-]{35}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{40,}|SG\.[\w-]{16,}\.[\w-]{16,}|pul-[0-9a-f]{40})`),
	regexp.MustCompile(`(?i)\bbearer [a-z0-9._~+/-]{20,}`),
	regexp.MustCompile(`\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}`),
}

// HasCredential reports whether a string contains a credential.
func HasCredential(text string) bool {
	for _, pattern := range credentialPatterns {
		if pattern.MatchString(text) {
			return true
		}
	}
	return hasBasicAuthorization(text)
}

var basicAuthorization = regexp.MustCompile(`(?i)\bbasic ([a-z0-9+/]{6,}={0,2})`)

// hasBasicAuthorization reports whether a string contains Basic and the base64 of user:password (RFC 7617).
func hasBasicAuthorization(text string) bool {
	for _, match := range basicAuthorization.FindAllStringSubmatch(text, -1) {
		decoded, err := base64.StdEncoding.DecodeString(match[1])
		if err == nil && strings.Contains(string(decoded), ":") && utf8.Valid(decoded) {
			return true
		}
	}
	return false
}

var (
	// The word must end the name: secretArn, passwordLength and httpTokens are not credentials.
	credentialName = regexp.MustCompile(`(?i)(password|passwd|(?:^|[_-])pass|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|secret[_-]?key|private[_-]?key|credentials?)([_-]?(value|string|text))?[_-]?\d*$`)
	referenceValue = regexp.MustCompile(`^arn:aws[a-z-]*:|^\{\{resolve:`)
)

// CredentialUnder reports whether the value of a key is a credential: the key is named like one, and the value
// is not empty and not a reference.
func CredentialUnder(key, text string) bool {
	if HasCredential(text) {
		return true
	}
	return credentialName.MatchString(key) && text != "" &&
		text != "true" && text != "false" && !referenceValue.MatchString(text)
}

// LooksRandom reports whether a string is long and mixed enough to be a credential rather than a word.
func LooksRandom(text string) bool {
	counts := map[rune]float64{}
	n := 0.0
	for _, c := range text {
		counts[c]++
		n++
	}
	entropy := 0.0
	for _, count := range counts {
		entropy -= count / n * math.Log2(count/n)
	}
	return n >= 8 && entropy >= 2.5
}

// NoCredential accepts a string without a credential.
func NoCredential(v value.Value) (bool, error) {
	text, err := v.Text()
	return !HasCredential(text), err
}

// NoEncodedCredential accepts base64 that encodes no credential.
func NoEncodedCredential(v value.Value) (bool, error) {
	text, err := v.Text()
	decoded, decodeErr := base64.StdEncoding.DecodeString(text)
	if decodeErr != nil {
		decoded = nil
	}
	return !HasCredential(string(decoded)) && !HasCredential(text), err
}
