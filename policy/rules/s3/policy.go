package s3

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var tlsOnly = rule.Rule{
	ID:       "s3-tls-only",
	Title:    "S3 buckets reject requests without TLS",
	Why:      "S3 also accepts plain HTTP, which exposes data and signatures.",
	Fix:      "Add an s3.BucketPolicy that denies s3:* to * on the bucket and its objects when aws:SecureTransport is false.",
	Sources:  "FSBP S3.5; cdk-nag AwsSolutions-S10; checkov CKV_AWS_379",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketPolicy},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Bucket, func(bucket rule.Resource) []rule.Finding {
			policies, findings := s.RequireReferrer(bucket, aws.BucketPolicy, "bucket", "the bucket has no policy that requires TLS")
			for _, p := range policies {
				findings = append(findings, rule.On(p, requireTLS(s, bucket, p.Get("policy")))...)
			}
			return findings
		})
	},
}

func requireTLS(s rule.Stack, bucket rule.Resource, policy value.Value) []rule.Finding {
	d, findings := iampolicy.Read(policy)
	if len(findings) > 0 {
		return findings
	}
	denies := slices.DeleteFunc(d.Statements, func(s iampolicy.Statement) bool { return !s.DeniesPlainHTTP() })
	for _, request := range requests {
		if !slices.ContainsFunc(denies, func(deny iampolicy.Statement) bool {
			return deny.Covers(request.action) && coversIn(s, bucket, deny, request.key)
		}) {
			return rule.Violate(policy, "no statement denies requests without TLS on the bucket and its objects")
		}
	}
	return nil
}

// requests represent all requests of S3: on the bucket itself, with an empty key, and on objects with any key.
var requests = []struct{ action, key string }{
	{"s3:ListBucket", ""}, {"s3:GetBucketLocation", ""}, {"s3:PutBucketPolicy", ""}, {"s3:ListBucketMultipartUploads", ""},
	{"s3:GetObject", "/zcanary7"}, {"s3:GetObject", "/a/zcanary7"}, {"s3:GetObjectVersion", "/0canary"}, {"s3:PutObject", "/zcanary7"},
	{"s3:PutObjectAcl", "/b/c/d"}, {"s3:DeleteObject", "/zcanary7"}, {"s3:AbortMultipartUpload", "/_"},
}

// coversIn reports whether a statement covers a key of the bucket, or the bucket if the key is empty.
func coversIn(s rule.Stack, bucket rule.Resource, statement iampolicy.Statement, key string) bool {
	matches := func(pattern string) bool {
		arn, _, _ := strings.Cut(pattern, "/")
		partition, name, isBucket := strings.Cut(arn, ":::")
		if !isBucket {
			return strings.Trim(pattern, "*") == ""
		}
		name = strings.TrimRight(name, "*")
		return mayName(s, name, bucket) && iampolicy.Matches(pattern, partition+":::"+name+key)
	}
	return slices.ContainsFunc(statement.Resource, matches)
}

// mayName reports whether the bucket may have the name: no other bucket has it, and the bucket has no other known name.
func mayName(s rule.Stack, name string, bucket rule.Resource) bool {
	if slices.Contains(bucket.Identities(), name) {
		return true
	}
	given, err := bucket.Get("bucket").Text()
	return len(s.Identified(name, aws.Bucket)) == 0 && (err != nil || given == "" || strings.HasPrefix(given, name))
}

var policyNoPublicAllow = rule.Rule{
	ID:       "s3-policy-no-public-allow",
	Title:    "Bucket policies do not allow public access",
	Why:      "An Allow for * opens the bucket to the internet, unless a condition limits it.",
	Fix:      "Name the principals, or add a condition on aws:SourceVpce, aws:PrincipalOrgID or aws:SourceArn.",
	Sources:  "FSBP S3.2; FSBP S3.3; checkov CKV_AWS_70; cdk-nag AwsSolutions-S5",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.BucketPolicy, aws.Bucket},
	Resource: func(r rule.Resource) []rule.Finding {
		return iampolicy.Forbid(r.Get("policy"), iampolicy.Statement.Public, "allows everyone")
	},
}

var policyNoCrossAccount = rule.Rule{
	ID:       "s3-policy-no-cross-account",
	Title:    "Bucket policies do not allow other accounts",
	Why:      "The other account controls its principals, and so decides who gets access.",
	Fix:      "Name only principals of this account, by the ARN of a role of the stack.",
	Sources:  "FSBP S3.6",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketPolicy, aws.Key},
	Stack: func(s rule.Stack) []rule.Finding {
		ownAccounts := iampolicy.OwnAccounts(s)
		if len(ownAccounts) > 0 {
			ownAccounts = append(ownAccounts, originIdentities(s)...)
		}
		var findings []rule.Finding
		for _, r := range s.Of(aws.Bucket, aws.BucketPolicy) {
			findings = append(findings, rule.On(r, iampolicy.ForbidOtherAccounts(r.Get("policy"), ownAccounts))...)
		}
		return findings
	},
}

// originAccessIdentity is the type of the principal of a CloudFront distribution.
const originAccessIdentity = "aws:cloudfront/originAccessIdentity:OriginAccessIdentity"

// originIdentities returns the principals with which the stack's CloudFront distributions read buckets.
func originIdentities(s rule.Stack) []string {
	var ids []string
	for _, identity := range s.Of(originAccessIdentity) {
		for _, key := range []string{"iamArn", "s3CanonicalUserId"} {
			id, _ := value.Of(identity.Outputs).Get(key).Text() // An unknown identity admits nobody.
			ids = append(ids, id)
		}
	}
	return ids
}

var policyNoLockout = rule.Rule{
	ID:       "s3-policy-no-lockout",
	Title:    "Bucket policies do not lock out administrators",
	Why:      "Only the root user can remove a Deny of s3:* for everyone without a condition.",
	Fix:      "Add a condition to the Deny statement, such as aws:SecureTransport false.",
	Sources:  "checkov CKV_AWS_93",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.BucketPolicy, aws.Bucket},
	Resource: func(r rule.Resource) []rule.Finding {
		return iampolicy.Forbid(r.Get("policy"), func(s iampolicy.Statement) bool {
			return s.Denies() && s.Everyone() && s.Covers("s3:PutBucketPolicy") && !slices.ContainsFunc(s.Condition, spares)
		}, "denies everyone permission to change the policy")
	},
}

// spares reports whether a condition exempts administrators from a Deny. Their requests use TLS, and neither a
// pattern for everyone nor a date in the past exempts them.
func spares(c iampolicy.Condition) bool {
	secure := strings.EqualFold(c.Key, "aws:SecureTransport") && slices.Contains(c.Values, "true")
	everyone := strings.HasSuffix(strings.ToLower(c.Operator), "like") &&
		slices.ContainsFunc(c.Values, func(value string) bool { return strings.Trim(value, "*?") == "" })
	return !secure && !everyone
}
