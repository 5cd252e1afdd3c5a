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
	Title:    "No ACL opens a bucket or an object to the public",
	Why:      "An ACL for AllUsers or AuthenticatedUsers lets anyone, or anyone with any AWS account, read or write.",
	Fix:      "Leave Acl out, or set it to private; grant access by a bucket policy to named principals.",
	Sources:  "FSBP S3.2; FSBP S3.3; cdk-nag NIST.800.53.R5-S3BucketPublicReadProhibited; cdk-nag NIST.800.53.R5-S3BucketPublicWriteProhibited; checkov CKV_AWS_20; checkov CKV_AWS_57; checkov CKV2_AWS_43; checkov CKV_AWS_375; pulumi aws-s3-bucket-disallow-public-read; trivy aws-s3-no-public-access-with-acl",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketACL, aws.BucketObject},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("acl"), matcher.OneOf("", "private", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"), "the ACL opens it to others"),
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
		rule.Require(grantee.Get("uri"), notPublicGroup, "a grant names a public group"),
		rule.Require(grantee.Get("emailAddress"), matcher.Absent, "a grant names somebody by mail address"),
	)
}

func notPublicGroup(uri value.Value) (bool, error) {
	text, err := uri.Text()
	return !strings.HasSuffix(text, "/AllUsers") && !strings.HasSuffix(text, "/AuthenticatedUsers"), err
}

var aclsDisabled = rule.Rule{
	ID:       "s3-acls-disabled",
	Title:    "Buckets own their objects and use no ACLs",
	Why:      "With ACLs in force, who may read is spread over every object, and objects written by others stay theirs.",
	Fix:      "Add an s3.BucketOwnershipControls for the bucket with ObjectOwnership BucketOwnerEnforced, and drop any BucketAclV2.",
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
				return rule.Require(bucket.Get("grants"), matcher.Empty, "an ACL is set on a bucket")
			}),
			s.Each(aws.BucketACL, func(acl rule.Resource) []rule.Finding {
				return rule.Violate(acl.Get("bucket"), "an ACL is set on a bucket")
			}),
		)
	},
}

var noWebsite = rule.Rule{
	ID:       "s3-no-website",
	Title:    "No bucket is a website, or open to scripts of every site",
	Why:      "A website endpoint serves objects without TLS and without signed requests; with CORS for every origin, any site can use the signed URLs that its visitors have.",
	Fix:      "Remove the website configuration; serve public content from its own stack, behind a CDN. Name the sites in AllowedOrigins.",
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
				return rule.Violate(website.Get("bucket"), "the bucket is made a website")
			}),
			s.Each(aws.BucketCors, func(cors rule.Resource) []rule.Finding {
				return rule.Each(cors.Get("corsRules"), func(r value.Value) []rule.Finding {
					return rule.Each(r.Get("allowedOrigins"), func(origin value.Value) []rule.Finding {
						return rule.Require(origin, oneSite, "scripts of every site may use the bucket")
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
