package authz

import (
	"context"

	"localaws/iam/policy"
)

// Simulate evaluates a role's policies and permissions boundary for an action, without resource policies. It does not
// record denied requests.
func (a *Authorizer) Simulate(ctx context.Context, roleARN, action, resource string) (policy.Decision, error) {
	role, err := a.source.Role(ctx, lastPart(roleARN))
	if err != nil {
		return policy.Decision{}, err
	}
	request := policy.Request{Principal: a.Session(roleARN, "simulation"), Action: action, Resource: resource, Context: policy.Context{}}
	return policy.Evaluate(request, policy.Policies{Identity: role.Identity, Boundary: role.Boundary}), nil
}
