package compute

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/base64"
	"io"
	"regexp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// script returns the user data in a property. EC2 accepts it as plain text, in base64 and compressed.
func script(v value.Value) (string, error) {
	text, err := v.Text()
	decoded, decodeErr := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || decodeErr != nil {
		return text, err
	}
	if reader, err := gzip.NewReader(bytes.NewReader(decoded)); err == nil {
		if plain, err := io.ReadAll(io.LimitReader(reader, 1<<20)); err == nil {
			decoded = plain
		}
	}
	return string(decoded), nil
}

var userDataNoSecret = rule.Rule{
	ID:       "ec2-user-data-no-secret",
	Title:    "EC2 user data contains no credentials",
	Why:      "Every program on the instance, and everyone with ec2:DescribeInstanceAttribute, can read user data.",
	Fix:      "Read credentials from Secrets Manager in the script.",
	Sources:  "checkov CKV_AWS_46; trivy aws-ec2-no-secrets-in-user-data",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.RandomPassword},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Instance, func(r rule.Resource) []rule.Finding {
			var findings []rule.Finding
			for _, key := range []string{"userData", "userDataBase64"} {
				findings = append(findings, s.ForbidPassword(r, r.Get(key))...)
				findings = append(findings, rule.Require(r.Get(key), noCredential, "the user data contains a credential")...)
			}
			return findings
		})
	},
}

func noCredential(v value.Value) (bool, error) {
	text, err := script(v)
	if matcher.HasCredential(text) {
		return false, err
	}
	for _, match := range assignment.FindAllStringSubmatch(text, -1) {
		if matcher.CredentialUnder(match[1], match[2]) && matcher.LooksRandom(match[2]) {
			return false, err
		}
	}
	return true, err
}

// assignment matches the assignment of a literal to a shell variable.
var assignment = regexp.MustCompile(
	`(?m)^\s*(?:export\s+)?([A-Za-z_]\w*)=["']?([^\s"'$(` + "`" + `]+)`,
)

var userDataNoRemoteCode = rule.Rule{
	ID:       "ec2-user-data-no-remote-code",
	Title:    "EC2 user data downloads no code from outside AWS and this stack",
	Why:      "The owner of an external website or bucket controls what runs as root, with the instance's role.",
	Fix:      "Install packages from the distribution's repositories, and download scripts from a bucket of the stack.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Instance, aws.Bucket},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Instance, func(i rule.Resource) []rule.Finding {
			var findings []rule.Finding
			for _, key := range []string{"userData", "userDataBase64"} {
				findings = append(
					findings,
					rule.Require(i.Get(key), func(v value.Value) (bool, error) {
						text, err := script(v)
						return !slices.ContainsFunc(matcher.Readings(text), func(part string) bool { return fetches(s, part) }), err
					}, "the user data downloads code from outside this stack, or pipes a download to an interpreter")...)
			}
			return findings
		})
	},
}

var (
	// url matches a URL up to its host, and bucket a location in S3.
	url    = regexp.MustCompile(`(?i)\b(?:https?|ftp|git)://(?:[^/\s"'@]*@)?([^/\s"'<>)\\:]+)`)
	bucket = regexp.MustCompile(`\bs3://([^/\s"'$]+)`)
	// hosted matches the URL of a bucket, whose name is in the host or in the path.
	hosted = regexp.MustCompile(
		`(?i)\bhttps?://(?:([a-z0-9.-]+)\.)?s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?/([a-z0-9.-]*)`,
	)
	// published matches the prefixes of AWS's buckets with its own software.
	published = regexp.MustCompile(
		`^(?:amazon-ssm-|amazoncloudwatch-agent|aws-codedeploy-|aws-ssm-|al2023-repos-)`,
	)
	// piped matches a download that is piped to a shell or interpreter.
	piped = regexp.MustCompile(
		`\b(?:curl|wget|fetch)\b[^\n|;]*\|\s*(?:sudo\s+(?:-\S+\s+)*)?(?:\S*/)?(?:ba|da|z|k)?sh\b|` +
			`\b(?:curl|wget)\b[^\n|;]*\|\s*(?:sudo\s+)?(?:\S*/)?(?:python|perl|ruby|node)|` +
			`\bbase64\s+(?:-d|-D|--decode)\b[^\n;]*\|\s*(?:sudo\s+)?(?:\S*/)?(?:ba|da|z|k)?sh\b|` +
			`(?:\b(?:ba|da|z|k)?sh|\beval|\bsource|(?:^|\s)\.)\s+(?:-\w+\s+)*["']?(?:\$\(|<\(|` + "`" + `)\s*(?:curl|wget)\b`,
	)
	// installed matches commands that install code from a public registry or repository, or run it from an image, and
	// the shell's own network connections.
	installed = regexp.MustCompile(
		`(?:^|[;&|({]|\bsudo|\bthen|\bdo)\s*(?:(?:python3?|py)\s+-m\s+)?(?:` +
			`pip[0-9.]*\s+(?:-\S+\s+)*install\s+(?:-\S+\s+)*[A-Za-z]|(?:npm|yarn|pnpm)\s+(?:-\S+\s+)*(?:i|install|add)\s+(?:-\S+\s+)*[@A-Za-z]|` +
			`npx\s|(?:gem|cargo|snap|flatpak|helm)\s+install\s|go\s+(?:install|run)\s+\S+@|git\s+clone\s|(?:docker|podman)\s+(?:run|pull)\s` +
			`)|/dev/(?:tcp|udp)/|\b(?:curl|wget)\b[^\n|;]*\s\d{1,3}(?:\.\d{1,3}){3}(?:[:/\s]|$)|\bgit@[\w.-]+:`,
	)
	// ownImage matches a command with an image of a private AWS registry, which IAM protects.
	ownImage = regexp.MustCompile(`\b(?:docker|podman)\s[^\n;|]*\b\d{12}\.dkr\.ecr\.`)
	// trusted matches hosts of AWS and of the instance itself.
	trusted = regexp.MustCompile(
		`(?i)^(?:[a-z0-9.-]+\.)?amazonaws\.com(?:\.cn)?$|^169\.254\.169\.(?:254|253|123)$|^169\.254\.170\.2$|` +
			`^\[?fd00:ec2|^localhost$|^127\.|^\$`,
	)
)

// fetches reports whether a script downloads from a host other than AWS or the instance itself, or
// from a bucket outside this stack, or pipes a download to an interpreter.
func fetches(s rule.Stack, text string) bool {
	for line := range strings.Lines(text) {
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "#") {
			continue
		}
		if piped.MatchString(line) || installed.MatchString(line) && !ownImage.MatchString(line) && !strings.Contains(line, "--no-index") {
			return true
		}
		for _, match := range url.FindAllStringSubmatch(line, -1) {
			if !trusted.MatchString(match[1]) {
				return true
			}
		}
		for _, name := range buckets(line) {
			if !s.Chosen(name, aws.Bucket) && !published.MatchString(name) {
				return true
			}
		}
	}
	return false
}

// buckets returns the buckets in a line.
func buckets(line string) []string {
	var names []string
	for _, match := range bucket.FindAllStringSubmatch(line, -1) {
		names = append(names, match[1])
	}
	for _, match := range hosted.FindAllStringSubmatch(line, -1) {
		if name := cmp.Or(match[1], match[2]); name != "" {
			names = append(names, name)
		}
	}
	return names
}

var noLaunchTemplate = rule.Rule{
	ID:       "ec2-no-launch-template",
	Title:    "EC2 instances do not use launch templates",
	Why:      "A launch template can set the user data, key pair, instance profile and metadata options, and no rule checks them.",
	Fix:      "Remove LaunchTemplate, and set the properties on the ec2.Instance.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Instance},
	Resource: rule.Property(
		"launchTemplate",
		matcher.Empty,
		"the instance uses a launch template",
	),
}
