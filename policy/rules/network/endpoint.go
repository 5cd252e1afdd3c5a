package network

import (
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// narrowingKeys limit a request through an endpoint to one's own callers or resources.
var narrowingKeys = []string{
	"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths",
	"aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths",
}

var endpointPolicyRestricted = rule.Rule{
	ID:    "vpce-policy-restricted",
	Title: "Endpoints let through what the stack needs",
	Why: "By default an endpoint passes every call to every resource of every account: data can be carried out to a " +
		"stranger's bucket. An endpoint for a stranger's service is such a way out by itself.",
	Fix: "Set Policy on the ec2.VpcEndpoint to the resources needed, or with conditions on aws:PrincipalAccount and " +
		"aws:ResourceAccount.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.VpcEndpoint},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.RequireGiven(r.Get("policy"), "the endpoint has no policy"),
			iampolicy.Forbid(r.Get("policy"), func(s iampolicy.Statement) bool {
				return s.Allows() && s.Broad() && !s.Narrowed(narrowingKeys...)
			}, "lets calls to everyone's resources through"),
			rule.Require(
				r.Get("serviceName"),
				matcher.Not(ofAStranger),
				"the service is not one of AWS",
			),
		)
	},
}

// ofAStranger accepts the name of a service that another customer offers:
// https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
func ofAStranger(v value.Value) (bool, error) {
	text, err := v.Text()
	return strings.Contains(text, ".vpce-svc-"), err
}
