package pulumitest

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// Without Keep, a program does not wait for outputs that do not depend on a resource.
func TestKeepWaitsForOutputsOfConstants(t *testing.T) {
	r := New()
	require.NoError(t, r.Run("test", nil, func(ctx *pulumi.Context) error {
		late := pulumi.String("db.example.internal").ToStringOutput().ApplyT(func(host string) string {
			time.Sleep(50 * time.Millisecond)
			return host + ":3306"
		})
		r.Keep(ctx, pulumi.Map{"Endpoint": late.(pulumi.StringOutput), "Host": pulumi.String("db.example.internal")})
		return nil
	}))
	require.Equal(t, map[string]any{"Endpoint": "db.example.internal:3306", "Host": "db.example.internal"}, r.Outputs)
}
