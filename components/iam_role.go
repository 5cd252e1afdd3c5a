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

func newRole(ctx *pulumi.Context, name string, args roleArgs, opts ...pulumi.ResourceOption) (*role, error) {
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
	policy, err := iam.NewRolePolicy(ctx, name+"-policy", &iam.RolePolicyArgs{
		Role:   r.Name,
		Policy: document(args.policy...),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("policy of role %s: %w", name, err)
	}
	return &role{Role: r, ready: pulumi.DependsOn([]pulumi.Resource{policy})}, nil
}
