package program

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
)

func TestEveryRoleHasTheBoundary(t *testing.T) {
	for _, arn := range []string{"arn:aws:iam::123456789012:policy/boundary", ""} {
		s, err := deploy("dev", config.Map{"permissionsBoundaryArn": arn})
		require.NoError(t, err)
		require.NotEmpty(t, s.all("aws:iam/role:Role"))
		for _, resource := range s.Resources {
			got, given := resource.Inputs["permissionsBoundary"]
			require.Equal(t, arn != "" && resource.Type == "aws:iam/role:Role", given, resource.Name)
			if given {
				require.Equal(t, arn, got)
			}
		}
	}
}
