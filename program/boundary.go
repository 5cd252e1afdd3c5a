package program

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// boundRoles sets the permissions boundary of every role that the program
// registers afterwards, none if the ARN is empty. A deploy role may be allowed to
// create only roles with a boundary:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
func boundRoles(ctx *pulumi.Context, arn string) error {
	if arn == "" {
		return nil
	}
	err := ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		role, ok := args.Props.(*iam.RoleArgs)
		if !ok {
			return nil
		}
		role.PermissionsBoundary = pulumi.String(arn)
		return &pulumi.ResourceTransformationResult{Props: role, Opts: args.Opts}
	})
	if err != nil {
		return fmt.Errorf("bound the roles: %w", err)
	}
	return nil
}
