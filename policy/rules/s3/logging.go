package s3

import (
	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var accessLogging = rule.Rule{
	ID:       "s3-access-logging",
	Title:    "S3 buckets have access logging enabled",
	Why:      "Without access logs, nobody can find out who read which objects.",
	Fix:      "Add an s3.BucketLoggingV2 for the bucket, with the ID of the log bucket as TargetBucket and a TargetPrefix.",
	Sources:  "FSBP S3.9; cdk-nag AwsSolutions-S1; checkov CKV_AWS_18; trivy aws-s3-enable-logging",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Bucket, aws.BucketLogging},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Bucket, func(bucket rule.Resource) []rule.Finding {
			if onlyTakesLogs(s, bucket) {
				return nil
			}
			_, findings := s.RequireReferrer(bucket, aws.BucketLogging, "bucket", "access to the bucket is not logged")
			return findings
		})
	},
}

var logTargetSeparate = rule.Rule{
	ID:       "s3-log-target-separate",
	Title:    "Access logs go to another bucket of this stack, under a prefix",
	Why:      "A bucket that logs to itself logs its own log deliveries forever; without a prefix, logs of several buckets mix.",
	Fix:      "Set TargetBucket to the ID of a bucket for logs, and TargetPrefix to the name of the source.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.BucketLogging},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.BucketLogging, func(l rule.Resource) []rule.Finding {
			findings := rule.All(
				s.RequireReference(l, l.Get("targetBucket"), "the target is not a bucket of this stack", aws.Bucket),
				rule.Require(l.Get("targetPrefix"), matcher.Set, "the logs have no prefix"),
			)
			for _, bucket := range s.Of(aws.Bucket) {
				if rule.Refers(l, l.Get("bucket"), bucket) == rule.Yes && rule.Refers(l, l.Get("targetBucket"), bucket) == rule.Yes {
					findings = append(findings, rule.Violate(l.Get("targetBucket"), "the bucket logs to itself")...)
				}
			}
			return findings
		})
	},
}

var logBucketPolicyScoped = rule.Rule{
	ID:       "s3-log-bucket-policy-scoped",
	Title:    "Bucket policies allow AWS services only with a condition on the source",
	Why:      "A service, such as the one that delivers access logs, acts for every AWS customer: without a condition, others can have it write to the bucket.",
	Fix:      "Add a condition on aws:SourceAccount or aws:SourceArn to the statement for the service.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Bucket, aws.BucketPolicy},
	Resource: func(r rule.Resource) []rule.Finding {
		return iampolicy.Forbid(r.Get("policy"), iampolicy.Statement.ServesAnyone, "allows a service to act for any account")
	},
}

// onlyTakesLogs reports whether a bucket is the target of access logs, and its own access is not logged. So a bucket for
// data does not become exempt if another bucket logs to it.
func onlyTakesLogs(s rule.Stack, bucket rule.Resource) bool {
	sources, _ := s.Referrers(aws.BucketLogging, "targetBucket", bucket)
	loggings, _ := s.Referrers(aws.BucketLogging, "bucket", bucket)
	return len(sources) > 0 && len(loggings) == 0
}
