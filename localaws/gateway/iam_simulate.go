package gateway

import (
	"context"
	"errors"
	"strings"

	"localaws/authz"
	"localaws/iam/policy"
)

// simulator decides what a role would be allowed: an authz.Authorizer.
type simulator interface {
	// Simulate decides by the role's own policies and its boundary, without those
	// of resources.
	Simulate(ctx context.Context, roleARN, action, resource string) (policy.Decision, error)
}

// simulate: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
// The emulator decides for users, and if the gateway decides nothing.
func (s iam) simulate(ctx context.Context, x *exchange) (*answer, error) {
	arn := x.get("PolicySourceArn")
	if s.simulator == nil || !strings.Contains(arn, ":role/") {
		return x.send(ctx)
	}
	resources := x.list("ResourceArns.member")
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	doc := document("SimulatePrincipalPolicyResponse", "https://iam.amazonaws.com/doc/2010-05-08/")
	result := child(doc.Root(), "SimulatePrincipalPolicyResult")
	list := child(result, "EvaluationResults")
	for _, action := range x.list("ActionNames.member") {
		for _, resource := range resources {
			d, err := s.simulator.Simulate(ctx, arn, action, resource)
			if errors.Is(err, authz.ErrNoRole) {
				return nil, &queryError{"NoSuchEntity", "The role with name " + arn[strings.LastIndex(arn, "/")+1:] + " cannot be found."}
			}
			if err != nil {
				return nil, err
			}
			item := list.CreateElement("member")
			set(item, "EvalActionName", action)
			set(item, "EvalResourceName", resource)
			set(item, "EvalDecision", string(d.Reason))
		}
	}
	set(result, "IsTruncated", "false")
	return documentAnswer(doc)
}
