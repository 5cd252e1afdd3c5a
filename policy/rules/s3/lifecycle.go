package s3

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var (
	enabled    = matcher.At("status", matcher.OneOf("Enabled"))
	whole      = matcher.AllOf(matcher.At("prefix", matcher.Absent), matcher.At("filter.prefix", matcher.Absent), matcher.At("filter.tag", matcher.Empty), matcher.At("filter.and", matcher.Empty))
	oldExpires = matcher.At("noncurrentVersionExpiration.noncurrentDays", matcher.Set)
)

var lifecyclePresent = rule.Rule{
	ID:       "s3-lifecycle-present",
	Title:    "Every bucket has a lifecycle rule in force",
	Why:      "Without one, data that nobody needs is stored and billed forever.",
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
	Title:    "Uploads that were never finished are removed within a week",
	Why:      "The parts of an aborted upload are invisible in listings and cost as much as objects.",
	Fix:      "Add an enabled lifecycle rule without a prefix with AbortIncompleteMultipartUpload DaysAfterInitiation of at most 7.",
	Sources:  "checkov CKV_AWS_300",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.BucketLifecycle},
	Resource: func(c rule.Resource) []rule.Finding {
		return rule.Any(c.Get("rules"), matcher.AllOf(enabled, whole, matcher.At("abortIncompleteMultipartUpload.daysAfterInitiation", matcher.AtMost(7))),
			"no enabled rule removes unfinished uploads of the whole bucket within 7 days")
	},
}

var lifecycleNoncurrentExpiry = rule.Rule{
	ID:       "s3-lifecycle-noncurrent-expiry",
	Title:    "Old versions expire where a bucket keeps versions, and neither they nor its objects within a week",
	Why:      "A versioned bucket keeps every overwritten and deleted object, and bills for it.",
	Fix:      "Add NoncurrentVersionExpiration with NoncurrentDays to an enabled rule of the bucket's lifecycle configuration.",
	Sources:  "SecHub S3.10; project",
	Severity: rule.Low,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.BucketLifecycle, aws.BucketVersioning},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.BucketLifecycle, func(c rule.Resource) []rule.Finding {
			return whereVersioned(s, c, func() []rule.Finding {
				return append(rule.Any(c.Get("rules"), matcher.AllOf(enabled, oldExpires), "old versions never expire"),
					rule.Each(c.Get("rules"), requireLasting)...)
			})
		})
	},
}

// requireLasting requires that a rule keeps old versions, and what is in the whole bucket, for a week.
func requireLasting(r value.Value) []rule.Finding {
	const days = 7
	findings := rule.Require(r.Get("noncurrentVersionExpiration", "noncurrentDays"), matcher.MissingOr(matcher.AtLeast(days)),
		"old versions are gone in less than a week")
	if everywhere, err := matcher.AllOf(enabled, whole)(r); everywhere && err == nil {
		// The state of a rule that expires delete markers only has 0 days, which S3 refuses.
		soon := matcher.AllOf(matcher.AtLeast(1), matcher.AtMost(days-1))
		findings = append(findings, rule.Require(r.Get("expiration", "days"), matcher.MissingOr(matcher.Not(soon)),
			"objects are gone in less than a week")...)
		findings = append(findings, rule.Require(r.Get("expiration", "date"), matcher.Absent, "from a day on, every object is gone")...)
	}
	return findings
}

// whereVersioned checks only if the bucket that a resource configures keeps versions.
func whereVersioned(s rule.Stack, configuration rule.Resource, then func() []rule.Finding) []rule.Finding {
	for _, bucket := range s.Of(aws.Bucket) {
		if rule.Refers(configuration, configuration.Get("bucket"), bucket) != rule.Yes {
			continue
		}
		versionings, _ := s.Referrers(aws.BucketVersioning, "bucket", bucket)
		for _, v := range versionings {
			return rule.When(v.Get("versioningConfiguration", "status"), matcher.OneOf("Enabled"), then)
		}
	}
	return nil
}

var lifecycleQueryResultsExpire = rule.Rule{
	ID:       "s3-lifecycle-query-results-expire",
	Title:    "Query results and temporary files expire within a month",
	Why:      "Athena writes every result and Glue its temporary files to S3, and neither ever removes them: copies of data pile up where nobody looks.",
	Fix:      "Add an enabled lifecycle rule with the prefix of the result location and Expiration Days of at most 30.",
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

// requireExpiry requires a lifecycle rule that expires everything below a location, if it is in a bucket of the
// stack.
func requireExpiry(s rule.Stack, location value.Value) []rule.Finding {
	text, err := location.Text()
	if err != nil {
		return rule.Unreadable(err)
	}
	bucket, key, _ := matcher.S3Location(text)
	expires := matcher.AllOf(enabled, covers(key), matcher.At("expiration.days", matcher.AllOf(matcher.AtLeast(1), matcher.AtMost(30))))
	var findings []rule.Finding
	for _, b := range s.Identified(bucket, aws.Bucket) { // A bucket of another stack has its own rules.
		configurations, missing := s.RequireReferrer(b, aws.BucketLifecycle, "bucket", "the bucket has no lifecycle configuration")
		findings = append(findings, missing...)
		for _, c := range configurations {
			findings = append(findings, rule.On(c, rule.Any(c.Get("rules"), expires, "nothing expires what is written to "+location.Path()))...)
		}
	}
	return findings
}
