package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// role is an IAM role of one service with one inline policy.
type role struct {
	*iam.Role
	// ready is the option for resources that use the role immediately.
	ready pulumi.ResourceOption

	policy *iam.RolePolicy
}

type roleArgs struct {
	service     string
	description string
	// account limits the trust to calls for this account, which prevents confused
	// deputies. Lambda and Glue do not always set the condition key, so their
	// roles leave it empty.
	account string
	policy  []statement
}

// newRole creates a role with the scope's name, and its policy.
func newRole(s scope, args roleArgs) (*role, error) {
	r, err := newBareRole(s, args)
	if err != nil {
		return nil, err
	}
	return r, r.grant(s, args.policy...)
}

// newBareRole creates a role without a policy, if the policy or the log groups depend
// on the role's name. The caller must then call grant.
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

// readyArn returns the role's ARN, once its policy is attached, for resources that
// cannot use the option ready.
func (r *role) readyArn() pulumi.StringOutput {
	return pulumi.All(r.Arn, r.policy.ID()).ApplyT(func(v []any) string { return v[0].(string) }).(pulumi.StringOutput)
}
