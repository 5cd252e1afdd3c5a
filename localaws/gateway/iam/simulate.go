package iam

import (
	"context"
	"errors"
	"strings"

	"localaws/authz"
	"localaws/gateway/query"
	"localaws/iam/policy"
)

// Simulator evaluates the policies of a role. The implementation is authz.Authorizer.
type Simulator interface {
	// Simulate evaluates the role's policies and permissions boundary, without resource policies.
	Simulate(ctx context.Context, roleARN, action, resource string) (policy.Decision, error)
}

// simulate implements https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html for roles.
// The emulator simulates for users, and if the gateway does not authorize requests.
func (s Service) simulate(ctx context.Context, x *query.Exchange) (*query.Response, error) {
	arn := x.Get("PolicySourceArn")
	if s.Simulator == nil || !strings.Contains(arn, ":role/") {
		return x.Send(ctx)
	}
	resources := x.List("ResourceArns.member")
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	doc := query.Document("SimulatePrincipalPolicyResponse", "https://iam.amazonaws.com/doc/2010-05-08/")
	result := query.Child(doc.Root(), "SimulatePrincipalPolicyResult")
	list := query.Child(result, "EvaluationResults")
	for _, action := range x.List("ActionNames.member") {
		for _, resource := range resources {
			d, err := s.Simulator.Simulate(ctx, arn, action, resource)
			if errors.Is(err, authz.ErrNoRole) {
				return nil, &query.Error{Code: "NoSuchEntity", Message: "The role with name " + arn[strings.LastIndex(arn, "/")+1:] + " cannot be found."}
			}
			if err != nil {
				return nil, err
			}
			item := list.CreateElement("member")
			query.Set(item, "EvalActionName", action)
			query.Set(item, "EvalResourceName", resource)
			query.Set(item, "EvalDecision", string(d.Reason))
		}
	}
	query.Set(result, "IsTruncated", "false")
	return query.DocumentResponse(doc)
}
