package s3

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

var tlsOnly = rule.Rule{
	ID:       "s3-tls-only",
	Title:    "Buckets refuse requests without TLS",
	Why:      "S3 also accepts plain HTTP, on which data and signatures can be read.",
	Fix:      "Add an s3.BucketPolicy that denies s3:* to * on the bucket and its objects when aws:SecureTransport is false.",
	Sources:  "FSBP S3.5; cdk-nag AwsSolutions-S10; checkov CKV_AWS_379",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketPolicy},
	Stack: eachBucketHas(aws.BucketPolicy, "the bucket has no policy that requires TLS", func(p rule.Resource) []rule.Finding {
		demands, findings := iampolicy.Has(p.Get("policy"), deniesPlainHTTP)
		if !demands && len(findings) == 0 {
			return rule.Violate(p.Get("policy"), "no statement denies requests without TLS on the bucket and its objects")
		}
		return findings
	}),
}

func deniesPlainHTTP(s iampolicy.Statement) bool {
	return s.DeniesWithoutTLS() && s.Covers("s3:*") && onBucketAndObjects(s)
}

// onBucketAndObjects reports whether a statement covers a bucket and all its objects, not only those below a
// prefix.
func onBucketAndObjects(s iampolicy.Statement) bool {
	isObjects := func(arn string) bool {
		_, key, found := strings.Cut(arn, "/")
		return found && strings.Trim(key, "*") == "" && key != ""
	}
	isBucket := func(arn string) bool { return !strings.Contains(arn, "/") }
	everything := func(arn string) bool { return strings.Trim(arn, "*") == "" }
	return len(s.NotResource) == 0 && (slices.ContainsFunc(s.Resource, everything) ||
		slices.ContainsFunc(s.Resource, isObjects) && slices.ContainsFunc(s.Resource, isBucket))
}

var policyNoPublicAllow = rule.Rule{
	ID:       "s3-policy-no-public-allow",
	Title:    "No bucket policy allows everyone",
	Why:      "An Allow for * opens the bucket to the internet unless a condition narrows it.",
	Fix:      "Name the principals, or add a condition on aws:SourceVpce, aws:PrincipalOrgID or aws:SourceArn.",
	Sources:  "FSBP S3.2; FSBP S3.3; checkov CKV_AWS_70; cdk-nag AwsSolutions-S5",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.BucketPolicy, aws.Bucket},
	Resource: func(r rule.Resource) []rule.Finding {
		return iampolicy.Forbid(r.Get("policy"), func(s iampolicy.Statement) bool {
			return s.AllowsStrangers() && !s.Narrowed("aws:SourceVpce", "aws:PrincipalOrgID", "aws:SourceArn", "aws:PrincipalAccount", "aws:PrincipalArn")
		}, "allows everyone")
	},
}

var policyNoCrossAccount = rule.Rule{
	ID:       "s3-policy-no-cross-account",
	Title:    "No bucket policy admits another account",
	Why:      "The other account controls its principals, and so decides who gets access.",
	Fix:      "Name principals of this account only, by the ARN of a role of the stack.",
	Sources:  "FSBP S3.6",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.BucketPolicy, aws.Key},
	Stack: func(s rule.Stack) []rule.Finding {
		own := iampolicy.OwnAccounts(s)
		return s.Each(aws.BucketPolicy, func(p rule.Resource) []rule.Finding {
			return iampolicy.ForbidOtherAccounts(p.Get("policy"), own)
		})
	},
}

var policyNoLockout = rule.Rule{
	ID:       "s3-policy-no-lockout",
	Title:    "No bucket policy locks its own administrators out",
	Why:      "Only the root user can undo a Deny of s3:* to everyone without a condition.",
	Fix:      "Give the Deny statement a condition, such as aws:SecureTransport false.",
	Sources:  "checkov CKV_AWS_93",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.BucketPolicy, aws.Bucket},
	Resource: func(r rule.Resource) []rule.Finding {
		return iampolicy.Forbid(r.Get("policy"), func(s iampolicy.Statement) bool {
			return s.Denies() && s.Everyone() && s.Covers("s3:PutBucketPolicy") && len(s.Condition) == 0
		}, "denies everyone the right to change the policy")
	},
}
