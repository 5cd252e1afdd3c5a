package s3

import (
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var publicAccessBlockPresent = rule.Rule{
	ID:       "s3-public-access-block-present",
	Title:    "S3 buckets have exactly one public access block",
	Why:      "Without it, one mistake in an ACL or bucket policy makes objects public.",
	Fix:      "Add an s3.BucketPublicAccessBlock whose Bucket is this bucket's ID.",
	Sources:  "FSBP S3.8; FSBP S3.1; cdk-nag AwsSolutions-S2; checkov CKV2_AWS_6; trivy aws-s3-specify-public-access-block",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketPublicAccess},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Bucket, func(bucket rule.Resource) []rule.Finding {
			blocks, findings := s.RequireReferrer(bucket, aws.BucketPublicAccess, "bucket", "the bucket has no public access block")
			if len(blocks) > 1 {
				return rule.Violate(blocks[1].Get("bucket"), "the bucket has more than one public access block, and they overwrite each other")
			}
			return findings
		})
	},
}

// switches are the settings of a public access block.
var switches = []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"}

var publicAccessBlockComplete = rule.Rule{
	ID:       "s3-public-access-block-complete",
	Title:    "Public access blocks have all four settings enabled",
	Why:      "Each setting that is off leaves a way to make objects public.",
	Fix:      "Set BlockPublicAcls, BlockPublicPolicy, IgnorePublicAcls and RestrictPublicBuckets to pulumi.Bool(true).",
	Sources:  "FSBP S3.8; FSBP S3.2; FSBP S3.3; cdk-nag AwsSolutions-S2; checkov CKV_AWS_53; checkov CKV_AWS_54; checkov CKV_AWS_55; checkov CKV_AWS_56; trivy aws-s3-block-public-acls; trivy aws-s3-block-public-policy; trivy aws-s3-ignore-public-acls; trivy aws-s3-no-public-buckets",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.BucketPublicAccess, aws.AccountPublicAccess},
	Resource: func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, name := range switches {
			findings = append(findings, rule.Require(r.Get(name), matcher.True, name+" is not true")...)
		}
		return findings
	},
	Remediate: func(r rule.Resource) map[string]property.Value {
		changed := map[string]property.Value{}
		for _, name := range switches {
			if on, err := r.Get(name).Bool(); !on && err == nil {
				changed[name] = property.New(true)
			}
		}
		return changed
	},
}
