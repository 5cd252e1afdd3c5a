package secret

import (
	"regexp"
	"strconv"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var rotationConfigured = rule.Rule{
	ID:       "secret-rotation-configured",
	Title:    "Secrets have automatic rotation",
	Why:      "A leaked password works until someone changes it.",
	Fix:      "Add a secretsmanager.SecretRotation with SecretId of the secret, or let RDS manage the password.",
	Sources:  "FSBP SecretsManager.1; cdk-nag AwsSolutions-SMG4; checkov CKV2_AWS_57",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Secret, aws.SecretRotation, aws.DBInstance, aws.EventTarget, aws.EventRule},
	Stack: func(s rule.Stack) []rule.Finding {
		if s.DatabaseStopped() { // Its passwords cannot change.
			return nil
		}
		return s.Each(aws.Secret, func(secret rule.Resource) []rule.Finding {
			_, findings := s.RequireReferrer(secret, aws.SecretRotation, "secretId", "the secret is never rotated")
			return findings
		})
	},
}

var rotationInterval = rule.Rule{
	ID:       "secret-rotation-interval",
	Title:    "Secrets are rotated at least every 90 days, by a function of this stack",
	Why:      "The longer a password is valid, the longer a leaked one works.",
	Fix:      "Set RotationRules.AutomaticallyAfterDays to at most 90 and RotationLambdaArn to a lambda.Function of the stack.",
	Sources:  "FSBP SecretsManager.4; checkov CKV_AWS_304",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.SecretRotation, aws.Function},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.SecretRotation, func(r rule.Resource) []rule.Finding {
			return rule.All(
				requireInterval(r.Get("rotationRules")),
				s.RequireReference(r, r.Get("rotationLambdaArn"), "the function is not in this stack", aws.Function),
			)
		})
	},
}

func requireInterval(rules value.Value) []rule.Finding {
	schedule := rules.Get("scheduleExpression")
	if matcher.Missing(schedule) {
		return rule.Require(rules.Get("automaticallyAfterDays"), matcher.AtMost(90), "the secret is rotated less often than every 90 days")
	}
	return rule.Require(schedule, everyQuarter, "the secret is rotated less often than every 90 days, or the rule cannot read the schedule")
}

var (
	rate = regexp.MustCompile(`^rate\((\d+) (hour|day)s?\)$`)
	cron = regexp.MustCompile(`^cron\(\S+ \S+ (\S+) (?:\*|[*1]/([12])) (\S+)(?: \*)?\)$`)
)

// everyQuarter accepts a rate of at most 90 days, and a cron expression for every month or every second one, with gaps
// of at most 63 days. Every third month has gaps of 92 days.
func everyQuarter(v value.Value) (bool, error) {
	text, err := v.Text()
	if match := rate.FindStringSubmatch(text); match != nil {
		n, _ := strconv.Atoi(match[1])
		return match[2] == "hour" && n <= 90*24 || match[2] == "day" && n <= 90, nil
	}
	match := cron.FindStringSubmatch(text)
	if match == nil {
		return false, err
	}
	day, step, weekday := match[1], match[2], match[3]
	// Some months have no 31st or no fifth Sunday.
	skips := step == "2" && strings.HasPrefix(day, "31") || strings.HasSuffix(weekday, "#5")
	return !skips, err
}
