package policy_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/ministack"
	"localaws/testtools/front"
	"store-events/deploy"
	"store-events/program"
	"store-events/program/project"
	"store-events/tests/testtools"
)

// The program itself passes in every environment, with the stack's own configuration, before anything exists.
func TestProgramPasses(t *testing.T) {
	projectDir, err := project.Find(".")
	require.NoError(t, err)
	aws, err := ministack.Start(t.Context(), ministack.Options{
		Command: testtools.Ministack(t), StateDir: t.TempDir(), GatewayURL: "http://127.0.0.1:1", Region: "us-east-1",
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, aws.Stop()) })
	endpoint, owner := front.Serve(t, aws)
	for _, stack := range []string{"local", "dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			d, err := deploy.Open(t.Context(), deploy.Options{
				ProjectDir: projectDir, StateDir: t.TempDir(), Stack: stack, Program: program.Func(projectDir),
				Endpoint: endpoint, Credentials: owner, Pulumi: testtools.Pulumi(t), PluginDir: testtools.Plugins(t),
				PolicyPacks: []string{packFile}, Environ: os.Environ(),
			})
			require.NoError(t, err)
			result, err := d.Preview(t.Context())
			for _, v := range result.Violations {
				t.Logf("%s %s: %s\n%s", v.Level, v.Policy, v.Resource, v.Message)
			}
			require.NoError(t, err)
			require.Greater(t, len(result.Steps), 50, "the whole system was judged")
		})
	}
}
