package program

import (
	"sync"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// inputs are those of the resources that a program registers, by name.
type inputs struct {
	mu     sync.Mutex
	byName map[string]resource.PropertyMap
}

func (i *inputs) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.byName[args.Name] = args.Inputs
	return args.Name, args.Inputs, nil
}

func (i *inputs) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func TestEveryRoleHasTheBoundary(t *testing.T) {
	const boundary = "arn:aws:iam::123456789012:policy/boundary"
	for _, arn := range []string{boundary, ""} {
		seen := &inputs{byName: map[string]resource.PropertyMap{}}
		err := pulumi.RunErr(func(ctx *pulumi.Context) error {
			if err := boundRoles(ctx, arn); err != nil {
				return err
			}
			if _, err := iam.NewRole(ctx, "job", &iam.RoleArgs{AssumeRolePolicy: pulumi.String("{}")}); err != nil {
				return err
			}
			_, err := iam.NewInstanceProfile(ctx, "consumer", &iam.InstanceProfileArgs{})
			return err
		}, pulumi.WithMocks("store-events", "dev", seen))
		require.NoError(t, err)
		got, given := seen.byName["job"]["permissionsBoundary"]
		require.Equal(t, arn != "", given)
		if given {
			require.Equal(t, arn, got.StringValue())
		}
		require.NotContains(t, seen.byName["consumer"], resource.PropertyKey("permissionsBoundary"))
	}
}
