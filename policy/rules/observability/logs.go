package observability

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var retentionSet = rule.Rule{
	ID:       "log-retention-set",
	Title:    "Log groups have a retention period",
	Why:      "By default, logs are kept and billed forever.",
	Fix:      "Set RetentionInDays on the cloudwatch.LogGroup.",
	Sources:  "SecHub CloudWatch.16; cdk-nag NIST.800.53.R5-CloudWatchLogGroupRetentionPeriod; checkov CKV_AWS_66",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Options: []rule.Option{
		rule.Integer("days", "minimum number of days that events are kept", 1, 3653, func(s *rule.Settings) *float64 { return &s.LogDays }),
		rule.Integer("remedyDays", "number of days that remediation sets, rounded up to a value that CloudWatch Logs accepts", 1, 3653, func(s *rule.Settings) *float64 { return &s.RemediedLogDays }),
	},
	Types: []string{aws.LogGroup},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("retentionInDays"), matcher.AtLeast(r.Settings.LogDays), "events are kept forever or not long enough")
	},
	Remediate: func(r rule.Resource) map[string]property.Value {
		days := retentionOf(max(r.Settings.LogDays, r.Settings.RemediedLogDays))
		return map[string]property.Value{"retentionInDays": property.New(days)}
	},
}

// retentionOf returns the shortest retention that PutRetentionPolicy accepts and that is at least as long.
func retentionOf(days float64) float64 {
	known := []float64{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
	i, _ := slices.BinarySearch(known, days)
	return known[min(i, len(known)-1)]
}

var retentionYear = rule.Rule{
	ID:       "log-retention-year",
	Title:    "Log groups keep events for at least a year",
	Why:      "Incidents are often investigated months later.",
	Fix:      "Set RetentionInDays on the cloudwatch.LogGroup to 365 or more.",
	Sources:  "SecHub CloudWatch.16; checkov CKV_AWS_338",
	Severity: rule.Low,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.LogGroup},
	Resource: rule.Property("retentionInDays", matcher.AtLeast(365), "the retention is not set, or shorter than a year"),
}

var logCMK = rule.Rule{
	ID:       "log-cmk",
	Title:    "Log groups are encrypted with a key of this stack",
	Why:      "Logs contain paths, errors and sometimes data: with a customer managed key, reading them also requires permission for the key.",
	Fix:      "Set KmsKeyId on the cloudwatch.LogGroup to the ARN of a kms.Key of the stack.",
	Sources:  "cdk-nag NIST.800.53.R5-CloudWatchLogGroupEncrypted; checkov CKV_AWS_158; trivy aws-cloudwatch-log-group-customer-key",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.LogGroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.LogGroup, func(group rule.Resource) []rule.Finding {
			return s.RequireReference(group, group.Get("kmsKeyId"), "the key is not in this stack", aws.Key)
		})
	},
}

var logKeyPolicy = rule.Rule{
	ID:       "log-key-policy-allows-logs",
	Title:    "Keys of log groups allow CloudWatch Logs, with a condition on the log group",
	Why:      "Without the permission, the log group cannot be created; without the condition, any log group of any account could use the key.",
	Fix:      "Allow logs.<region>.amazonaws.com in the key's Policy with a condition on kms:EncryptionContext:aws:logs:arn.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.LogGroup, aws.Key},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.LogGroup, func(group rule.Resource) []rule.Finding {
			var findings []rule.Finding
			keys, _ := s.Referred(group, group.Get("kmsKeyId"), aws.Key)
			for _, key := range keys {
				findings = append(findings, rule.On(key, requireLogsAllowed(key))...)
			}
			return findings
		})
	},
}

func requireLogsAllowed(key rule.Resource) []rule.Finding {
	allows, findings := iampolicy.Has(key.Get("policy"), func(s iampolicy.Statement) bool {
		return s.Allows() && namesLogs(s) && s.Covers("kms:Decrypt") && s.Narrowed("kms:EncryptionContext:aws:logs:arn")
	})
	if !allows && len(findings) == 0 {
		return rule.Violate(key.Get("policy"), "no statement allows CloudWatch Logs with a condition on the log group")
	}
	return findings
}

func namesLogs(s iampolicy.Statement) bool {
	for _, id := range s.Of("Service") {
		if strings.HasPrefix(id, "logs.") && strings.HasSuffix(id, ".amazonaws.com") {
			return true
		}
	}
	return false
}
