package s3

import (
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var noPublicACL = rule.Rule{
	ID:       "s3-no-public-acl",
	Title:    "ACLs do not grant public access to buckets or objects",
	Why:      "An ACL for AllUsers lets anyone read or write; one for AuthenticatedUsers, anyone with an AWS account.",
	Fix:      "Remove Acl or set it to private; grant access to named principals in a bucket policy.",
	Sources:  "FSBP S3.2; FSBP S3.3; cdk-nag NIST.800.53.R5-S3BucketPublicReadProhibited; cdk-nag NIST.800.53.R5-S3BucketPublicWriteProhibited; checkov CKV_AWS_20; checkov CKV_AWS_57; checkov CKV2_AWS_43; checkov CKV_AWS_375; pulumi aws-s3-bucket-disallow-public-read; trivy aws-s3-no-public-access-with-acl",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketACL, aws.BucketObject},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("acl"), matcher.OneOf("", "private", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"), "the ACL grants access to others"),
			rule.Each(r.Get("grants"), requireNoStranger),
			rule.Each(r.Get("accessControlPolicy", "grants"), func(grant value.Value) []rule.Finding {
				return requireNoStranger(grant.Get("grantee"))
			}),
		)
	},
}

// requireNoStranger reports a grantee that is everyone, or whose account is unknown.
func requireNoStranger(grantee value.Value) []rule.Finding {
	return rule.All(
		rule.Require(grantee.Get("uri"), notPublicGroup, "the grantee is a public group"),
		rule.Require(grantee.Get("emailAddress"), matcher.Absent, "the grantee is a mail address"),
	)
}

func notPublicGroup(uri value.Value) (bool, error) {
	text, err := uri.Text()
	return !strings.HasSuffix(text, "/AllUsers") && !strings.HasSuffix(text, "/AuthenticatedUsers"), err
}

var aclsDisabled = rule.Rule{
	ID:       "s3-acls-disabled",
	Title:    "S3 buckets have ACLs disabled",
	Why:      "With ACLs, every object decides who can read it, and objects that others write belong to them.",
	Fix:      "Add an s3.BucketOwnershipControls for the bucket with ObjectOwnership BucketOwnerEnforced, and remove any BucketAclV2.",
	Sources:  "FSBP S3.12; checkov CKV2_AWS_65",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketOwnership, aws.BucketACL},
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			eachBucketHas(aws.BucketOwnership, "the bucket has no ownership controls", func(c rule.Resource) []rule.Finding {
				return rule.Require(c.Get("rule", "objectOwnership"), matcher.OneOf("BucketOwnerEnforced"), "ACLs are not disabled")
			})(s),
			s.Each(aws.Bucket, func(bucket rule.Resource) []rule.Finding {
				return rule.Require(bucket.Get("grants"), matcher.Empty, "the bucket has an ACL")
			}),
			s.Each(aws.BucketACL, func(acl rule.Resource) []rule.Finding {
				return rule.Violate(acl.Get("bucket"), "the bucket has an ACL")
			}),
		)
	},
}

var noWebsite = rule.Rule{
	ID:       "s3-no-website",
	Title:    "S3 buckets are not websites, and CORS allows only named sites",
	Why:      "A website endpoint serves objects without TLS and without signed requests; with CORS for every origin, any site can use the signed URLs of its visitors.",
	Fix:      "Remove the website configuration; serve public content from a separate stack, behind a CDN. Set AllowedOrigins to the sites.",
	Sources:  "cdk-nag AwsSolutions-S5",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketWebsite, aws.BucketCors},
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			s.Each(aws.Bucket, func(bucket rule.Resource) []rule.Finding {
				return rule.All(
					rule.Require(bucket.Get("websites"), matcher.Empty, "the bucket is a website"),
					rule.Require(bucket.Get("website"), matcher.Empty, "the bucket is a website"),
				)
			}),
			s.Each(aws.BucketWebsite, func(website rule.Resource) []rule.Finding {
				return rule.Violate(website.Get("bucket"), "the bucket is a website")
			}),
			s.Each(aws.BucketCors, func(cors rule.Resource) []rule.Finding {
				return rule.Each(cors.Get("corsRules"), func(r value.Value) []rule.Finding {
					return rule.Each(r.Get("allowedOrigins"), func(origin value.Value) []rule.Finding {
						return rule.Require(origin, oneSite, "CORS allows every site")
					})
				})
			}),
		)
	},
}

// oneSite reports whether an origin is limited to a domain below a top-level domain, or its subdomains.
func oneSite(origin value.Value) (bool, error) {
	text, err := origin.Text()
	_, host, found := strings.Cut(text, "://")
	if !found {
		host = text
	}
	host = strings.TrimPrefix(host, "*.")
	return strings.Contains(strings.Trim(host, "."), ".") && !strings.Contains(host, "*") || host == "localhost" || strings.HasPrefix(host, "localhost:"), err
}
