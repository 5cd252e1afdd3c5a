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
	// account restricts the trust to calls for this account, so that the service
	// cannot be made to act for another one. Not every path of Lambda and Glue
	// sets the key, so their roles leave it empty.
	account string
	policy  []statement
}

// newRole makes a role with its policy.
func newRole(ctx *pulumi.Context, name string, args roleArgs, opts ...pulumi.ResourceOption) (*role, error) {
	r, err := newBareRole(ctx, name, args, opts...)
	if err != nil {
		return nil, err
	}
	return r, r.grant(ctx, name, args.policy, opts...)
}

// newBareRole makes a role without its policy, for one whose policy or log groups
// contain the name of the role itself: grant follows.
func newBareRole(ctx *pulumi.Context, name string, args roleArgs, opts ...pulumi.ResourceOption) (*role, error) {
	trust := statement{sid: "Trust", principal: service(args.service), actions: []string{"sts:AssumeRole"}}
	if args.account != "" {
		trust.condition = when("StringEquals", "aws:SourceAccount", pulumi.String(args.account))
	}
	r, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		Description:      pulumi.String(args.description),
		AssumeRolePolicy: document(trust),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("role %s: %w", name, err)
	}
	return &role{Role: r}, nil
}

// grant attaches the role's only policy.
func (r *role) grant(ctx *pulumi.Context, name string, policy []statement, opts ...pulumi.ResourceOption) error {
	p, err := iam.NewRolePolicy(ctx, name+"-policy", &iam.RolePolicyArgs{
		Role:   r.Name,
		Policy: document(policy...),
	}, opts...)
	if err != nil {
		return fmt.Errorf("policy of role %s: %w", name, err)
	}
	r.policy, r.ready = p, pulumi.DependsOn([]pulumi.Resource{p})
	return nil
}

// readyArn is the role's ARN, known once its policy is attached: for a resource
// that cannot take the option ready.
func (r *role) readyArn() pulumi.StringOutput {
	return pulumi.All(r.Arn, r.policy.ID()).ApplyT(func(v []any) string { return v[0].(string) }).(pulumi.StringOutput)
}
