package s3

import (
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// eachBucketHas requires every bucket to be configured by a resource of the type, and checks that resource.
func eachBucketHas(resourceType, otherwise string, checkIt func(rule.Resource) []rule.Finding) func(rule.Stack) []rule.Finding {
	return func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Bucket, func(bucket rule.Resource) []rule.Finding {
			configurations, findings := s.RequireReferrer(bucket, resourceType, "bucket", otherwise)
			for _, c := range configurations {
				findings = append(findings, rule.On(c, checkIt(c))...)
			}
			return findings
		})
	}
}

// covers accepts a lifecycle rule for all objects below a key: its prefix, in any property, is a prefix of the key, and
// neither tags nor sizes exclude objects.
func covers(key string) rule.Test {
	begins := func(prefix value.Value) (bool, error) {
		text, err := prefix.Text()
		return strings.HasPrefix(key, text), err
	}
	tests := []rule.Test{matcher.At("prefix", begins)}
	for _, filter := range []string{"filter.", "filter.and."} {
		tests = append(tests, matcher.At(filter+"prefix", begins),
			matcher.At(filter+"tag", matcher.Empty), matcher.At(filter+"tags", matcher.Empty),
			matcher.At(filter+"objectSizeGreaterThan", matcher.OneOf("", "0")),
			matcher.At(filter+"objectSizeLessThan", matcher.OneOf("", "0")))
	}
	return matcher.AllOf(tests...)
}

var versioningEnabled = rule.Rule{
	ID:       "s3-versioning-enabled",
	Title:    "S3 buckets have versioning enabled",
	Why:      "Without versions, an object that is overwritten or deleted by mistake is lost.",
	Fix:      "Add an s3.BucketVersioningV2 for the bucket with Status Enabled.",
	Sources:  "SecHub S3.14; cdk-nag NIST.800.53.R5-S3BucketVersioningEnabled; checkov CKV_AWS_21; trivy aws-s3-enable-versioning",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Bucket, aws.BucketVersioning},
	Stack: eachBucketHas(aws.BucketVersioning, "the bucket has no versioning configuration", func(v rule.Resource) []rule.Finding {
		return rule.Require(v.Get("versioningConfiguration", "status"), matcher.OneOf("Enabled"), "versioning is not enabled")
	}),
}

var forceDestroyOff = rule.Rule{
	ID:       "s3-force-destroy-off",
	Title:    "Deleting an S3 bucket does not delete its objects",
	Why:      "With forceDestroy, one destroy by mistake deletes all data. In Athena workgroups, which may set it, it deletes only queries and their history: results are in a bucket.",
	Fix:      "Remove ForceDestroy, or set it by configuration for short-lived stacks only.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.Bucket},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("forceDestroy"), matcher.NotTrue, "a destroy deletes all objects of the bucket")
	},
}
