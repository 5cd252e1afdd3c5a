package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// role is an IAM role of one service with one inline policy.
type role struct {
	*iam.Role
	// ready is the option of resources that may use the role at once.
	ready pulumi.ResourceOption

	policy *iam.RolePolicy
}

type roleArgs struct {
	service     string
	description string
	// account restricts the trust to calls for this account, so that nobody can
	// make the service act for another one. Not every path of Lambda and Glue sets
	// the key, so their roles leave it empty.
	account string
	policy  []statement
}

// newRole creates a role, named as the scope, with its policy.
func newRole(s scope, args roleArgs) (*role, error) {
	r, err := newBareRole(s, args)
	if err != nil {
		return nil, err
	}
	return r, r.grant(s, args.policy...)
}

// newBareRole creates a role without its policy, for a role whose policy or log
// groups contain the role's name. Call grant next.
func newBareRole(s scope, args roleArgs) (*role, error) {
	trust := statement{sid: "Trust", principal: service(args.service), actions: []string{"sts:AssumeRole"}}
	if args.account != "" {
		trust.condition = when("StringEquals", "aws:SourceAccount", pulumi.String(args.account))
	}
	r, err := iam.NewRole(s.ctx, s.name, &iam.RoleArgs{
		Description:      pulumi.String(args.description),
		AssumeRolePolicy: policyDocument(trust),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", s.name, err)
	}
	return &role{Role: r}, nil
}

// grant attaches the role's only policy.
func (r *role) grant(s scope, policy ...statement) error {
	p, err := iam.NewRolePolicy(s.ctx, s.label("policy"), &iam.RolePolicyArgs{
		Role:   r.Name,
		Policy: policyDocument(policy...),
	}, s.parent)
	if err != nil {
		return fmt.Errorf("policy of role %s: %w", s.name, err)
	}
	r.policy, r.ready = p, after(p)
	return nil
}

// readyArn is the role's ARN, known once its policy is attached, for resources
// that cannot take the option ready.
func (r *role) readyArn() pulumi.StringOutput {
	return pulumi.All(r.Arn, r.policy.ID()).ApplyT(func(v []any) string { return v[0].(string) }).(pulumi.StringOutput)
}
