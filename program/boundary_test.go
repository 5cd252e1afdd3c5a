package program

import (
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
)

func TestEveryRoleHasTheBoundary(t *testing.T) {
	for _, arn := range []string{"arn:aws:iam::123456789012:policy/boundary", ""} {
		r := pulumitest.New()
		err := r.Run("dev", nil, func(ctx *pulumi.Context) error {
			if err := boundRoles(ctx, arn); err != nil {
				return err
			}
			if _, err := iam.NewRole(ctx, "job", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")}); err != nil {
				return err
			}
			_, err := iam.NewInstanceProfile(ctx, "consumer", &iam.InstanceProfileArgs{})
			return err
		})
		require.NoError(t, err)
		roles := 0
		for _, resource := range r.Resources {
			got, given := resource.Inputs["permissionsBoundary"]
			require.Equal(t, arn != "" && resource.Name == "job", given, resource.Name)
			if given {
				require.Equal(t, arn, got)
				roles++
			}
		}
		require.Equal(t, arn != "", roles == 1)
	}
}
