package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
)

type engineReport struct {
	Changes map[string]int
	Diff    string
	Steps   []struct {
		Op, Type, Name string
		Diffs          []string
	}
	Violations []struct{ Policy, Level, Message string }
}

// offline runs the CLI on a stack on AWS, without account or credentials.
func offline(t *testing.T, result any, args ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "../../bin/storeevents", append(args, "--output", "json")...) //nolint:gosec // Our own command line.
	cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_PROFILE=")
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.NoError(t, cmd.Run(), "storeevents %v\n%s\n%s", args, stdout.String(), stderr.String())
	require.NoError(t, json.Unmarshal(stdout.Bytes(), result), stdout.String())
}

func TestAWSStacksPreviewOffline(t *testing.T) {
	for _, name := range []string{"dev", "prod"} {
		t.Run(name, func(t *testing.T) {
			before, err := os.ReadFile("../../Pulumi." + name + ".yaml") //nolint:gosec // A file of the project.
			require.NoError(t, err)
			var r engineReport
			offline(t, &r, "preview", "--stack", name, "--offline")
			require.Greater(t, r.Changes["create"], 60)
			require.Len(t, r.Changes, 1, "a stack that does not exist is only created: %v", r.Changes)
			require.Contains(t, r.Diff, "sale_txns_crawler")
			for _, v := range r.Violations {
				require.NotEqual(t, "mandatory", v.Level, "%s: %s", v.Policy, v.Message)
			}
			after, err := os.ReadFile("../../Pulumi." + name + ".yaml") //nolint:gosec // A file of the project.
			require.NoError(t, err)
			require.Equal(t, before, after, "a preview does not change the project")
		})
	}
}

func TestSecondUpdateOfAnAWSStackChangesNothing(t *testing.T) {
	var r struct{ First, Second engineReport }
	offline(t, &r, "rehearse", "--stack", "dev")
	require.Greater(t, r.First.Changes["create"], 60)
	for _, step := range r.Second.Steps {
		require.Equal(t, "same", step.Op, "%s %s: %v", step.Type, step.Name, step.Diffs)
	}
}
