package account

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlanIsReadFromTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "account.json")
	plan := Limits{Region: "us-east-1", File: file}.PlanOperations()["AWSFreeTierService.GetAccountPlanState"]
	for content, want := range map[string]string{"{}": "PAID", `{"freePlan":true}`: "FREE"} {
		require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
		got, err := plan(t.Context(), []byte("{}"))
		require.NoError(t, err)
		require.Equal(t, want, got.(map[string]any)["accountPlanType"], content)
	}
}
