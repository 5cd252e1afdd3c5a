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
	Title:    "A workgroup encrypts query results",
	Why:      "Every result is a copy of data, in S3.",
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
	Title:    "A workgroup encrypts query results with a key of this stack",
	Why:      "Only a customer managed key lets you revoke access to results and see its use.",
	Fix:      "Set EncryptionOption to SSE_KMS and KmsKeyArn to the ARN of a kms.Key of the stack.",
	Sources:  "pulumi aws-athena-workgroup-configure-customer-managed-key",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    workgroups,
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.AthenaWorkgroup, func(w rule.Resource) []rule.Finding {
			return rule.All(
				rule.Require(encryption(w).Get("encryptionOption"), matcher.OneOf("SSE_KMS", "CSE_KMS"), "results are not encrypted with KMS"),
				s.RequireReference(w, encryption(w).Get("kmsKeyArn"), "the key is not one of this stack", aws.Key),
			)
		})
	},
}

var enforced = rule.Rule{
	ID:       "athena-workgroup-enforced",
	Title:    "Settings of a workgroup apply to all its queries",
	Why:      "Otherwise a client chooses where results go, and whether they are encrypted.",
	Fix:      "Leave Configuration.EnforceWorkgroupConfiguration true.",
	Sources:  "checkov CKV_AWS_82; pulumi aws-athena-workgroup-enforce-configuration; trivy aws-athena-no-encryption-override",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    workgroups,
	Resource: rule.Property("configuration.enforceWorkgroupConfiguration", matcher.NotFalse, "clients may override the settings"),
}

var metrics = rule.Rule{
	ID:       "athena-workgroup-metrics",
	Title:    "A workgroup reports metrics",
	Why:      "Without them nobody sees what queries read, fail and cost.",
	Fix:      "Leave Configuration.PublishCloudwatchMetricsEnabled true.",
	Sources:  "FSBP Athena.4",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    workgroups,
	Resource: rule.Property("configuration.publishCloudwatchMetricsEnabled", matcher.NotFalse, "no metrics are reported"),
}

var scanLimit = rule.Rule{
	ID:       "athena-scan-limit",
	Title:    "A query of a workgroup reads at most a set number of bytes",
	Why:      "Athena bills by bytes read: one query without a partition filter can cost more than a month.",
	Fix:      "Set Configuration.BytesScannedCutoffPerQuery to at least 10485760 and at most the environment's limit.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Options: []rule.Option{
		rule.Integer("bytes", "most bytes that one query may read", 10<<20, 1<<50, func(s *rule.Settings) *float64 { return &s.ScanBytes }),
	},
	Types: workgroups,
	Resource: func(w rule.Resource) []rule.Finding {
		return rule.Require(w.Get("configuration", "bytesScannedCutoffPerQuery"),
			matcher.AllOf(matcher.AtLeast(10<<20), matcher.AtMost(w.Settings.ScanBytes)), "the limit of bytes that a query may read is missing or above this environment's limit")
	},
}

var outputInStack = rule.Rule{
	ID:       "athena-output-in-stack",
	Title:    "Query results go to a bucket of this stack, where no crawler reads",
	Why:      "Elsewhere nobody guards or expires them; under a crawler's path they become a table.",
	Fix:      "Set OutputLocation to a separate prefix in a bucket of the stack, and ExpectedBucketOwner to the account.",
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
				rule.RequireGiven(results.Get("expectedBucketOwner"), "the owner of the bucket is not checked"),
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
	Title:    "Named queries run in a workgroup of this stack",
	Why:      "The primary workgroup has no limit and no encryption.",
	Fix:      "Set Workgroup on the athena.NamedQuery to a workgroup of the stack.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.AthenaNamedQuery, aws.AthenaWorkgroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.AthenaNamedQuery, func(q rule.Resource) []rule.Finding {
			return s.RequireReference(q, q.Get("workgroup"), "the workgroup is not one of this stack", aws.AthenaWorkgroup)
		})
	},
}
