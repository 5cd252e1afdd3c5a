// Package athena contains the rules for workgroups and queries.
package athena

import (
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		encrypted,
		cmk,
		enforced,
		metrics,
		scanLimit,
		outputInStack,
		queryWorkgroup,
	}
}

var workgroups = []string{aws.AthenaWorkgroup}

func encryption(w rule.Resource) value.Value {
	return w.Get("configuration", "resultConfiguration", "encryptionConfiguration")
}

var encrypted = rule.Rule{
	ID:       "athena-workgroup-encrypted",
	Title:    "Athena workgroups encrypt query results",
	Why:      "Query results are copies of the data, stored in S3.",
	Fix:      "Set Configuration.ResultConfiguration.EncryptionConfiguration.EncryptionOption to SSE_KMS.",
	Sources:  "SecHub Athena.1; checkov CKV_AWS_159; pulumi aws-athena-workgroup-disallow-unencrypted-workgroup; trivy aws-athena-enable-at-rest-encryption",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    workgroups,
	Resource: func(w rule.Resource) []rule.Finding {
		return rule.Require(encryption(w).Get("encryptionOption"), matcher.OneOf("SSE_S3", "SSE_KMS", "CSE_KMS"), "results are not encrypted")
	},
}

var cmk = rule.Rule{
	ID:       "athena-workgroup-cmk",
	Title:    "Athena workgroups encrypt query results with a KMS key of this stack",
	Why:      "Only a customer managed key lets you revoke access to the results and audit its use.",
	Fix:      "Set EncryptionOption to SSE_KMS and KmsKeyArn to the ARN of a kms.Key of the stack.",
	Sources:  "pulumi aws-athena-workgroup-configure-customer-managed-key",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    workgroups,
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.AthenaWorkgroup, func(w rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(encryption(w).Get("encryptionOption"), matcher.OneOf("SSE_KMS", "CSE_KMS"), "results are not encrypted with KMS"),
				s.RequireReference(w, encryption(w).Get("kmsKeyArn"), "the workgroup does not use a KMS key of this stack", aws.Key),
			)
		})
	},
}

var enforced = rule.Rule{
	ID:       "athena-workgroup-enforced",
	Title:    "Athena workgroups override client-side settings",
	Why:      "Otherwise clients choose where query results are stored and whether they are encrypted.",
	Fix:      "Omit Configuration.EnforceWorkgroupConfiguration, or set it to true.",
	Sources:  "checkov CKV_AWS_82; pulumi aws-athena-workgroup-enforce-configuration; trivy aws-athena-no-encryption-override",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    workgroups,
	Resource: rule.Property("configuration.enforceWorkgroupConfiguration", matcher.NotFalse, "clients can override the workgroup's settings"),
}

var metrics = rule.Rule{
	ID:       "athena-workgroup-metrics",
	Title:    "Athena workgroups publish CloudWatch metrics",
	Why:      "Without metrics, nobody sees which queries fail, and how much data they scan, which determines their cost.",
	Fix:      "Omit Configuration.PublishCloudwatchMetricsEnabled, or set it to true.",
	Sources:  "FSBP Athena.4",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    workgroups,
	Resource: rule.Property("configuration.publishCloudwatchMetricsEnabled", matcher.NotFalse, "the workgroup publishes no metrics"),
}

var scanLimit = rule.Rule{
	ID:       "athena-scan-limit",
	Title:    "Athena workgroups limit the bytes that a query scans",
	Why:      "Athena bills by bytes scanned: one query without a partition filter can cost more than a month of other queries.",
	Fix:      "Set Configuration.BytesScannedCutoffPerQuery to at least 10485760 and at most the environment's limit.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Options: []rule.Option{
		rule.Integer("bytes", "maximum number of bytes that a query may scan", 10<<20, 1<<50, func(s *rule.Settings) *float64 { return &s.ScanBytes }),
	},
	Types: workgroups,
	Resource: func(w rule.Resource) []rule.Finding {
		return rule.Require(w.Get("configuration", "bytesScannedCutoffPerQuery"),
			matcher.AllOf(matcher.AtLeast(10<<20), matcher.AtMost(w.Settings.ScanBytes)), "the scan limit is missing, below 10 MiB, or above this environment's limit")
	},
}

var outputInStack = rule.Rule{
	ID:       "athena-output-in-stack",
	Title:    "Athena query results stay in this stack, outside the paths of crawlers",
	Why:      "The stack cannot protect or expire results outside its buckets; below a crawler's path they become a table.",
	Fix:      "Set OutputLocation to a separate prefix in a bucket of the stack, and ExpectedBucketOwner to the account's ID.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.AthenaWorkgroup, aws.AthenaNamedQuery, aws.AthenaPrepared, aws.Bucket, aws.GlueCrawler},
	Stack: func(s rule.Stack) []rule.Finding {
		return append(requireOwnQueries(s), s.Each(aws.AthenaWorkgroup, func(w rule.Resource) []rule.Finding {
			results := w.Get("configuration", "resultConfiguration")
			location := results.Get("outputLocation")
			if matcher.Missing(location) {
				return rule.Violate(location, "the workgroup has no output location")
			}
			return rule.All(
				vpcgraph.RequireInStack(s, w, location),
				rule.RequireGiven(results.Get("expectedBucketOwner"), "the expected bucket owner is not set"),
				requireNotCrawled(s, location),
			)
		})...)
	},
}

func requireNotCrawled(s rule.Stack, location value.Value) []rule.Finding {
	text, err := location.Text()
	if err != nil {
		return nil // Already reported by the rule above.
	}
	for _, c := range s.Of(aws.GlueCrawler) {
		for _, target := range c.Get("s3Targets").Elements() {
			path, err := target.Get("path").Text()
			if err == nil && path != "" && strings.HasPrefix(text, path) && matcher.Missing(target.Get("exclusions")) {
				return rule.Violate(location, "a crawler reads the results")
			}
		}
	}
	return nil
}

var queryWorkgroup = rule.Rule{
	ID:       "athena-query-workgroup",
	Title:    "Athena named queries run in a workgroup of this stack",
	Why:      "By default, the account's primary workgroup has no scan limit and no encryption.",
	Fix:      "Set Workgroup on the athena.NamedQuery to a workgroup of the stack.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.AthenaNamedQuery, aws.AthenaWorkgroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.AthenaNamedQuery, func(q rule.Resource) []rule.Finding {
			return s.RequireReference(q, q.Get("workgroup"), "the query does not run in a workgroup of this stack", aws.AthenaWorkgroup)
		})
	},
}
