package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"store-events/schema"
)

// repository creates a project whose first commit has the contract.
func repository(t *testing.T) string {
	t.Helper()
	dir := projectWith(t)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "schema"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(dir, contractFile), schema.JSON(), 0o600))
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}, {"-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "-qm", "first"}} {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", dir}, args...)...).CombinedOutput() //nolint:gosec // A path of this test.
		require.NoError(t, err, string(out))
	}
	return dir
}

func edit(t *testing.T, dir, from, to string) {
	t.Helper()
	text := string(schema.JSON())
	require.Contains(t, text, from)
	require.NoError(t, os.WriteFile(filepath.Join(dir, contractFile), []byte(strings.Replace(text, from, to, 1)), 0o600))
}

func TestContractDiff(t *testing.T) {
	dir := repository(t)
	status, stdout, _ := invoke(t, "", "contract", "diff", "--project", dir, "--fail-on", "any")
	require.Zero(t, status)
	require.Equal(t, "the contract has not changed\n", stdout)
	_, stdout, _ = invoke(t, "", "contract", "diff", "--project", dir, "--output", "json")
	require.Contains(t, stdout, `"changes": []`)
	t.Run("without git", func(t *testing.T) {
		t.Setenv("PATH", t.TempDir())
		_, _, stderr := invoke(t, "", "contract", "diff", "--project", dir)
		require.Contains(t, stderr, "revision HEAD: git is not on PATH")
	})

	edit(t, dir, `"string(64)"`, `"string(80)"`)
	status, stdout, _ = invoke(t, "", "contract", "diff", "--project", dir, "--fail-on", "breaking")
	require.Zero(t, status)
	require.Contains(t, stdout, "compatible  field category changes from string(64) to string(80)\n")
	require.Contains(t, stdout, "1 change, 0 of them breaking\n")
	status, _, stderr := invoke(t, "", "contract", "diff", "--project", dir, "--fail-on", "any")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "--fail-on any refuses")

	edit(t, dir, `"string(64)"`, `"string(8)"`)
	status, stdout, _ = invoke(t, "", "contract", "diff", "HEAD", "--project", dir, "--fail-on", "breaking", "--output", "json")
	require.Equal(t, 1, status)
	var d contractDiff
	require.NoError(t, json.Unmarshal([]byte(stdout), &d))
	require.True(t, d.Breaking)
	require.Len(t, d.Changes, 1)

	other := filepath.Join(t.TempDir(), "contract.json")
	require.NoError(t, os.WriteFile(other, schema.JSON(), 0o600))
	status, stdout, _ = invoke(t, "", "contract", "diff", "HEAD", other, "--project", dir)
	require.Zero(t, status)
	require.Contains(t, stdout, "has not changed")
}

func TestContractDiffErrors(t *testing.T) {
	dir := repository(t)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"no-such-revision"}, "no-such-revision is neither a file nor a git revision"},
		{[]string{"--fail-on", "all"}, `--fail-on "all": must be breaking or any`},
	} {
		status, _, stderr := invoke(t, "", append([]string{"contract", "diff", "--project", dir}, tc.args...)...)
		require.Equal(t, 1, status)
		require.Contains(t, stderr, tc.want)
	}
	edit(t, dir, `"string(64)"`, `"text"`)
	status, _, stderr := invoke(t, "", "contract", "diff", "--project", dir)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, `field category: type "text": use string(N)`)
}

func TestContractExport(t *testing.T) {
	dir := repository(t)
	status, stdout, _ := invoke(t, "", "contract", "export", "--project", dir, "--config", "store-events:extraColumns=x_channel=string(32)")
	require.Zero(t, status)
	var doc struct{ Properties map[string]any }
	require.NoError(t, json.Unmarshal([]byte(stdout), &doc))
	require.Contains(t, doc.Properties, "x_channel")
	status, stdout, _ = invoke(t, "", "contract", "export", "--format", "odcs", "--project", dir)
	require.Zero(t, status)
	var contract map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(stdout), &contract))
	require.Equal(t, "DataContract", contract["kind"])
	status, _, stderr := invoke(t, "", "contract", "export", "--format", "avro", "--project", dir)
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "must be jsonschema or odcs")
}
