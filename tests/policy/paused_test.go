package policy_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/policy/rule"
	"store-events/policy/rules/cost"
	"store-events/program/project"
	"store-events/tests/policy/mutation"
	"store-events/tests/policy/recording"
)

// unpaused are rules that a paused stack would violate if the pack treated it as a running
// one.
var unpaused = []string{"rds-alarms-exist", "secret-in-use", "secret-rotation-configured", "sg-in-use", "vpce-aws-apis"}

// A paused stack has neither egress from its VPC nor rotation of passwords, and still
// satisfies every mandatory rule, before it exists and after.
func TestPausedProgramPasses(t *testing.T) {
	projectDir, err := project.Find(".")
	require.NoError(t, err)
	for _, stack := range []string{"dev", "prod"} {
		p, err := recording.Record(projectDir, stack, recording.Settings{config.Namespace + ":paused": "true"})
		require.NoError(t, err)
		require.Greater(t, len(p.Resources), 50, "the whole system is checked")
		for _, at := range []recording.Moment{recording.FirstPreview, recording.Deployed} {
			for _, f := range mutation.Violations(mutation.Check(p, at)) {
				require.NotEqual(t, rule.Mandatory, ruleOf(f.Rule).Levels.In(rule.Environment(stack)), "%s: %s", f.Rule, f.Resource)
				require.NotContains(t, unpaused, f.Rule, f.Resource)
			}
		}
		estimate := cost.Of(p.Checked(rule.DefaultSettings(rule.Environment(stack)), recording.Deployed))
		require.Empty(t, estimate.Undecided)
		for _, item := range estimate.Items {
			require.NotContains(t, []string{"database", "instances", "NAT gateways", "interface endpoints", "dashboards", "public addresses"}, item.Group, stack)
		}
	}
}
