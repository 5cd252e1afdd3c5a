package policy_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/stretchr/testify/require"

	"localaws/credentials"
	"localaws/daemon"
	"store-events/config"
	"store-events/deploy"
	"store-events/policy/pack"
	"store-events/policy/state"
	"store-events/program/project"
	"store-events/tests/policy/mutation"
	"store-events/tests/policy/recording"
	"store-events/tests/testtools"
)

// replay runs recorded programs in the engine, with an AWS that exists only for the test.
type replay struct {
	projectDir, state, endpoint string
	// settings are the settings of programs against this AWS.
	settings recording.Settings
}

func startReplay(t *testing.T) replay {
	t.Helper()
	projectDir, err := project.Find(".")
	require.NoError(t, err)
	ports := testtools.FreePorts(t, 2)
	r := replay{projectDir: projectDir, state: t.TempDir(), endpoint: fmt.Sprintf("http://127.0.0.1:%d", ports[0])}
	awsState := filepath.Join(r.state, "aws")
	r.settings = recording.Settings{
		"store-events:databasePort": ports[1], "store-events:databaseCaFile": daemon.DatabaseCA(awsState),
	}
	maps.Copy(r.settings, mutation.WithEvents)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- daemon.Run(ctx, daemon.Options{
			StateDir: awsState, Port: ports[0], Region: recording.Region, Log: slog.New(slog.DiscardHandler), Tools: testtools.Paths(t),
		})
	}()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	require.Eventually(t, func() bool { return answers(awsState) }, time.Minute, 100*time.Millisecond)
	return r
}

func answers(stateDir string) bool {
	status, err := daemon.GetStatus(context.Background(), stateDir)
	return err == nil && status.Health != nil && status.Health.OK()
}

// open prepares a program for the engine; all programs of a replay share one stack.
func (r replay) open(t *testing.T, p recording.Program) *deploy.Deployment {
	t.Helper()
	d, err := deploy.Open(t.Context(), r.options(t, p))
	require.NoError(t, err)
	return d
}

func (r replay) options(t *testing.T, p recording.Program) deploy.Options {
	t.Helper()
	owner, err := credentials.Read(filepath.Join(r.state, "aws"))
	require.NoError(t, err)
	return deploy.Options{
		ProjectDir: r.projectDir, StateDir: r.state, Stack: p.Stack, Program: p.Run, Endpoint: r.endpoint, Credentials: owner,
		Pulumi: testtools.Pulumi(t), PluginDir: testtools.Plugins(t), PolicyPacks: []string{packFile}, Environ: os.Environ(),
	}
}

// checkState returns the pack's reports on the deployed state, as "rule resource"; no rule may be undecided.
func (r replay) checkState(t *testing.T, p recording.Program) []string {
	t.Helper()
	d, err := deploy.Find(r.options(t, p))
	require.NoError(t, err)
	exported, err := d.State(t.Context())
	require.NoError(t, err)
	resources, err := state.Read(exported)
	require.NoError(t, err)
	policies, err := pack.New(pack.Stack{Project: config.Namespace, Name: p.Stack})
	require.NoError(t, err)
	var reports []pack.Report
	for _, resource := range resources {
		reports = append(reports, policies.CheckResource(resource)...)
	}
	result := deploy.Result{}
	for _, report := range append(reports, policies.CheckStack(resources)...) {
		require.NotEqual(t, pack.UndecidedPolicy, report.Policy, report.Message)
		result.Violations = append(result.Violations, deploy.Violation{Policy: report.Policy, Resource: "of " + urn.URN(report.URN).Name()})
	}
	return violated(result)
}
