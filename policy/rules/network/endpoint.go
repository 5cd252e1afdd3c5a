package network

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// resourceKeys limit a request through an endpoint to the account's own resources.
var resourceKeys = []string{"aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths"}

// narrowingKeys limit it to the account's own callers or resources.
var narrowingKeys = append([]string{
	"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
}, resourceKeys...)

// writes are the actions with which callers of the account could write data to a bucket of another account.
var writes = []string{"s3:PutObject", "s3:ReplicateObject", "s3:PutObjectTagging", "s3:PutObjectAcl"}

var endpointPolicyRestricted = rule.Rule{
	ID:    "vpce-policy-restricted",
	Title: "VPC endpoints are for AWS services, and their policies allow only named resources or those of this account",
	Why: "By default, an endpoint allows every call to resources of every account, so that data can be copied to " +
		"a bucket of another account. An endpoint for another customer's service lets data out by itself.",
	Fix: "Set Policy on the ec2.VpcEndpoint to the resources needed, or add conditions on aws:PrincipalAccount " +
		"and aws:ResourceAccount.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.VpcEndpoint, aws.Bucket},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.VpcEndpoint, func(r rule.Resource) []rule.Finding {
			return rule.All(
				rule.RequireGiven(r.Get("policy"), "the endpoint has no policy"),
				iampolicy.Forbid(r.Get("policy"), func(st iampolicy.Statement) bool {
					strange := st.Broad() || slices.ContainsFunc(st.Resource, bucketOfAnyone(s, st))
					carriesOut := serviceOf(r) == "s3" && st.Covers(writes...) && !st.Narrowed(resourceKeys...)
					return st.Allows() && strange && (carriesOut || !st.Narrowed(narrowingKeys...))
				}, "allows calls to resources of any account"),
				rule.Require(r.Get("serviceName"), matcher.Not(ofAStranger), "the service is not an AWS service"),
			)
		})
	},
}

// bucketOfAnyone returns a test for ARNs of buckets that may belong to any account: names are global, so anyone may create a
// bucket that a pattern matches, and data written to a bucket outside the stack leaves it.
func bucketOfAnyone(s rule.Stack, statement iampolicy.Statement) func(string) bool {
	written := statement.Covers(writes...)
	return func(arn string) bool {
		_, name, ok := strings.Cut(arn, ":s3:::")
		name, _, _ = strings.Cut(name, "/")
		return ok && (strings.ContainsAny(name, "*?") || written && !s.Chosen(name, aws.Bucket))
	}
}

// ofAStranger accepts the name of another customer's service:
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
func ofAStranger(v value.Value) (bool, error) {
	text, err := v.Text()
	return strings.Contains(text, ".vpce-svc-"), err
}
