package compute

import (
	"regexp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var userDataNoLogin = rule.Rule{
	ID:       "ec2-user-data-no-login",
	Title:    "EC2 user data does not enable logins with an SSH key or password",
	Why:      "A key or password from user data bypasses IAM, leaves no session log, and remains valid after its owner leaves.",
	Fix:      "Use Session Manager; remove authorized keys, passwords and PasswordAuthentication from the user data.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Instance},
	Resource: func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, key := range []string{"userData", "userDataBase64"} {
			findings = append(findings, rule.Require(r.Get(key), func(v value.Value) (bool, error) {
				text, err := script(v)
				return !slices.ContainsFunc(matcher.Readings(text), opensLogin), err
			}, "the user data adds an SSH key or a password, or enables password logins")...)
		}
		return findings
	},
}

// logins match lines of shell scripts, cloud-init configuration and SSH server configuration that enable a login.
var logins = []*regexp.Regexp{
	// Writes to authorized_keys.
	regexp.MustCompile(`>\s*["']?\S*authorized_keys|\b(?:tee|cp|mv|install|curl|wget)\b.*\sauthorized_keys|\b(?:tee|cp|mv|install|curl|wget)\b.*/authorized_keys|\bssh-(?:copy|import)-id\b`),
	regexp.MustCompile(`^\s*(?:-\s*)?path:\s*["']?\S*authorized_keys`),
	// Keys in cloud-init configuration: in one line, or as a list in the next lines.
	regexp.MustCompile(`(?i)^\s*(?:-\s*)?ssh[_-](?:authorized[_-]keys|import[_-]id):\s*(?:[^\s\[#].*|\[\s*[^\s\]].*)?$`),
	regexp.MustCompile(`(?i)^\s*ssh_pwauth:\s*["']?(?:true|yes|on|1)\b`),
	// Setting a password.
	regexp.MustCompile(`(?i)^\s*(?:-\s*)?(?:plain_text_passwd|hashed_passwd):\s*\S|^\s*(?:-\s*)?passwd:\s*["']?\$\w+\$|^\s*lock_passwd:\s*false\b`),
	regexp.MustCompile(`\|\s*(?:sudo\s+)?(?:\S*/)?chpasswd\b|\bchpasswd\b.*<<|\bpasswd\s+--stdin\b|\b(?:usermod|useradd)\s(?:.*\s)?(?:-p|--password)[\s=]`),
}

var (
	// serverOption matches settings of the SSH server. The last one in a line counts, as in a sed command.
	serverOption = regexp.MustCompile(`(?i)\b(?:PasswordAuthentication|PermitEmptyPasswords|KbdInteractiveAuthentication|PermitRootLogin)[\s=]+(\w+)`)
	// harmless matches lines that only search for a setting, remove it, or empty authorized_keys.
	harmless = regexp.MustCompile(`\bgrep\b|\bsed\b.*/d["']|^\s*(?::|true|cat\s+/dev/null)?\s*>\s*\S*authorized_keys\s*$`)
)

// opensLogin reports whether a line of a script, other than a comment, enables a login.
func opensLogin(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if strings.HasPrefix(strings.TrimSpace(line), "#") || harmless.MatchString(line) {
			continue
		}
		options := serverOption.FindAllStringSubmatch(line, -1)
		if len(options) > 0 && strings.EqualFold(options[len(options)-1][1], "yes") ||
			slices.ContainsFunc(logins, func(login *regexp.Regexp) bool { return login.MatchString(line) }) {
			return true
		}
	}
	return false
}
