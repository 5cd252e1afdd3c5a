package deploy

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// The CLI that setup builds estimates the strength of a value without word lists.
func TestTheCLIRefusesSecretsInPlainText(t *testing.T) {
	tool, backend := testtools.Pulumi(t), t.TempDir()
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("Pulumi.yaml", []byte("name: test\nruntime: go\n"), 0o600))
	pulumi := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), tool, args...) //nolint:gosec // The tool of the tests.
		cmd.Env = append(os.Environ(), "PULUMI_BACKEND_URL=file://"+backend, "PULUMI_CONFIG_PASSPHRASE=test", "PULUMI_SKIP_UPDATE_CHECK=true")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := pulumi("stack", "init", "dev")
	require.NoError(t, err, out)
	out, err = pulumi("config", "set", "apiToken", "kD83xQvbW02mPzLr")
	require.Error(t, err)
	require.Contains(t, out, "looks like a secret")
	for _, args := range [][]string{{"apiToken", "kD83xQvbW02mPzLr", "--plaintext"}, {"region", "eu-central-1"}} {
		out, err = pulumi(append([]string{"config", "set"}, args...)...)
		require.NoError(t, err, out)
	}
}
