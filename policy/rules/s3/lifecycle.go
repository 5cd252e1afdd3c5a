package s3

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var (
	enabled = matcher.At("status", matcher.OneOf("Enabled"))
	whole   = covers("")
)

var lifecyclePresent = rule.Rule{
	ID:       "s3-lifecycle-present",
	Title:    "S3 buckets have an enabled lifecycle rule",
	Why:      "Otherwise, data that nobody needs is stored and billed forever.",
	Fix:      "Add an s3.BucketLifecycleConfigurationV2 for the bucket with a rule whose Status is Enabled.",
	Sources:  "FSBP S3.13; SecHub S3.10; checkov CKV2_AWS_61",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketLifecycle},
	Stack: eachBucketHas(aws.BucketLifecycle, "the bucket has no lifecycle configuration", func(c rule.Resource) []rule.Finding {
		return rule.Any(c.Get("rules"), enabled, "no lifecycle rule is enabled")
	}),
}

var lifecycleAbortMultipart = rule.Rule{
	ID:       "s3-lifecycle-abort-multipart",
	Title:    "S3 buckets delete incomplete multipart uploads within 7 days",
	Why:      "Listings do not show the parts of an incomplete upload, which cost as much as objects.",
	Fix:      "Add an enabled lifecycle rule without a prefix, with AbortIncompleteMultipartUpload DaysAfterInitiation of at most 7.",
	Sources:  "checkov CKV_AWS_300",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.BucketLifecycle},
	Resource: func(c rule.Resource) []rule.Finding {
		return rule.Any(c.Get("rules"), matcher.AllOf(enabled, whole, matcher.At("abortIncompleteMultipartUpload.daysAfterInitiation", matcher.AtMost(7))),
			"no enabled rule deletes incomplete uploads in the whole bucket within 7 days")
	},
}

var lifecycleQueryResultsExpire = rule.Rule{
	ID:       "s3-lifecycle-query-results-expire",
	Title:    "Query results and temporary files expire within 30 days",
	Why:      "Athena writes all results and Glue its temporary files to S3, and neither deletes them: copies of data accumulate unnoticed.",
	Fix:      "Add an enabled lifecycle rule with the prefix of the result location, and Expiration Days of at most 30.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.BucketLifecycle, aws.AthenaWorkgroup, aws.GlueJob},
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			s.Each(aws.AthenaWorkgroup, func(w rule.Resource) []rule.Finding {
				return requireExpiry(s, w.Get("configuration", "resultConfiguration", "outputLocation"))
			}),
			s.Each(aws.GlueJob, func(j rule.Resource) []rule.Finding {
				return requireExpiry(s, j.Get("defaultArguments", "--TempDir"))
			}),
		)
	},
}

// requireExpiry requires a lifecycle rule that expires all objects below a location, if it is in a bucket of the
// stack.
func requireExpiry(s rule.Stack, location value.Value) []rule.Finding {
	text, err := location.Text()
	if err != nil {
		return rule.Unreadable(err)
	}
	bucket, key, _ := matcher.S3Location(text)
	expires := matcher.AllOf(enabled, covers(key), matcher.At("expiration.days", matcher.AllOf(matcher.AtLeast(1), matcher.AtMost(30))))
	var findings []rule.Finding
	for _, b := range s.Identified(bucket, aws.Bucket) { // Other stacks are responsible for their buckets.
		configurations, missing := s.RequireReferrer(b, aws.BucketLifecycle, "bucket", "the bucket has no lifecycle configuration")
		findings = append(findings, missing...)
		for _, c := range configurations {
			findings = append(findings, rule.On(c, rule.Any(c.Get("rules"), expires, "no enabled rule expires, within 30 days, the objects of "+location.Path()))...)
		}
	}
	return findings
}
