package authz

import (
	"context"
	"errors"

	"localaws/iam/actions"
	"localaws/iam/policy"
)

// documents maps IAM operations to their parameter with a policy.
var documents = map[string]struct {
	parameter string
	kind      policy.Kind
}{
	"iam:CreateRole":             {"AssumeRolePolicyDocument", policy.Trust},
	"iam:UpdateAssumeRolePolicy": {"PolicyDocument", policy.Trust},
	"iam:PutRolePolicy":          {"PolicyDocument", policy.Identity},
	"iam:PutUserPolicy":          {"PolicyDocument", policy.Identity},
	"iam:PutGroupPolicy":         {"PolicyDocument", policy.Identity},
	"iam:CreatePolicy":           {"PolicyDocument", policy.Identity},
	"iam:CreatePolicyVersion":    {"PolicyDocument", policy.Identity},
}

// checkDocument rejects a policy that violates IAM's grammar, because the emulator accepts some of them.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html
func (a *Authorizer) checkDocument(_ context.Context, c *actions.Call) (*Response, error) {
	d := documents[c.Service+":"+c.Operation]
	_, err := policy.Parse(d.kind, []byte(c.Param(d.parameter)))
	var malformed *policy.MalformedError
	if !errors.As(err, &malformed) {
		return nil, err
	}
	r := InvalidQuery("MalformedPolicyDocument", malformed.Reason)
	return &r, nil
}
