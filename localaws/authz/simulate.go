package authz

import (
	"context"

	"localaws/iam/policy"
)

// Simulate decides what a role's own policies and its boundary say of an action,
// without those of resources, and records nothing.
func (a *Authorizer) Simulate(ctx context.Context, roleARN, action, resource string) (policy.Decision, error) {
	role, err := a.source.Role(ctx, lastPart(roleARN))
	if err != nil {
		return policy.Decision{}, err
	}
	request := policy.Request{Principal: a.Session(roleARN, "simulation"), Action: action, Resource: resource, Context: policy.Context{}}
	return policy.Evaluate(request, policy.Policies{Identity: role.Identity, Boundary: role.Boundary}), nil
}
