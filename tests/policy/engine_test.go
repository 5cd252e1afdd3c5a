package policy_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	_ "store-events/policy/analyzer"
	"store-events/tests/testtools"
)

// packFile is the pack, built from the current source.
var packFile string

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "policy")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	packFile = filepath.Join(dir, "policy")
	// The go command does not notice what go build reads, but it knows the packages that this test imports.
	if _, err := os.Stat("../../policy/main.go"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	build := exec.Command("go", "build", "-o", packFile, "store-events/policy") //nolint:gosec,noctx // Builds a package of the project.
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "building the pack:", err)
		return 1
	}
	return m.Run()
}

// report is one message of a policy.
type report struct {
	Policy, Level, Resource, Message string
}

// outcome is the result of a preview.
type outcome struct {
	Reports []report
	// Planned holds the inputs of resources by name, after remediation.
	Planned map[string]map[string]any
	// Remedied holds the remediations, as "policy resource".
	Remedied []string
	Err      error
	Log      string
}

// mandatory lists the policies that failed the preview, as "policy resource".
func (o outcome) mandatory() []string {
	var list []string
	for _, r := range o.Reports {
		if r.Level == "mandatory" {
			list = append(list, r.Policy+" "+r.Resource)
		}
	}
	return list
}

// all lists everything reported, as "policy resource".
func (o outcome) all() []string {
	var list []string
	for _, r := range o.Reports {
		list = append(list, r.Policy+" "+r.Resource)
	}
	return list
}

// preview runs the engine with the pack on a stack that does not exist yet: with the real provider, but without
// AWS.
func preview(t *testing.T, stack string, program pulumi.RunFunc, settings ...setting) outcome {
	t.Helper()
	s := newStack(t, stack, program, settings)
	return observe(func(ch chan events.EngineEvent, log io.Writer) error {
		_, err := s.Preview(t.Context(), optpreview.EventStreams(ch), optpreview.ProgressStreams(log),
			optpreview.ErrorProgressStreams(log), optpreview.PolicyPacks(packFile))
		return err
	})
}

// previewConfigured runs a preview with a configuration file for the pack.
func previewConfigured(t *testing.T, stack, file string, program pulumi.RunFunc) outcome {
	t.Helper()
	s := newStack(t, stack, program, nil)
	return observe(func(ch chan events.EngineEvent, log io.Writer) error {
		_, err := s.Preview(t.Context(), optpreview.EventStreams(ch), optpreview.ProgressStreams(log),
			optpreview.ErrorProgressStreams(log), optpreview.PolicyPacks(packFile), optpreview.PolicyPackConfigs(file))
		return err
	})
}

// update creates the stack's resources, checked by the pack.
func update(t *testing.T, stack string, program pulumi.RunFunc) outcome {
	t.Helper()
	s := newStack(t, stack, program, nil)
	return observe(func(ch chan events.EngineEvent, log io.Writer) error {
		_, err := s.Up(t.Context(), optup.EventStreams(ch), optup.ProgressStreams(log),
			optup.ErrorProgressStreams(log), optup.PolicyPacks(packFile))
		return err
	})
}

func observe(run func(chan events.EngineEvent, io.Writer) error) outcome {
	var log strings.Builder
	ch := make(chan events.EngineEvent)
	done, quit := make(chan outcome), make(chan struct{})
	go func() { done <- collect(ch, quit) }()
	err := run(ch, &log)
	if err != nil { // An engine that fails to start may leave the channel open.
		time.AfterFunc(lastEvents, func() { close(quit) })
	}
	o := <-done
	o.Err, o.Log = err, log.String()
	return o
}

// lastEvents is how long to wait for events of an engine that failed.
const lastEvents = 5 * time.Second

func collect(ch <-chan events.EngineEvent, quit <-chan struct{}) outcome {
	o := outcome{Planned: map[string]map[string]any{}}
	name := func(urn string) string { return urn[strings.LastIndex(urn, ":")+1:] }
	for {
		var e events.EngineEvent
		var open bool
		select {
		case e, open = <-ch:
		case <-quit:
		}
		switch {
		case !open:
			return o
		case e.PolicyEvent != nil:
			p := e.PolicyEvent
			o.Reports = append(o.Reports, report{p.PolicyName, p.EnforcementLevel, name(p.ResourceURN), p.Message})
		case e.PolicyRemediationEvent != nil:
			o.Remedied = append(o.Remedied, e.PolicyRemediationEvent.PolicyName+" "+name(e.PolicyRemediationEvent.ResourceURN))
		case e.ResourcePreEvent != nil && e.ResourcePreEvent.Metadata.New != nil:
			o.Planned[name(e.ResourcePreEvent.Metadata.URN)] = e.ResourcePreEvent.Metadata.New.Inputs
		}
	}
}

// setting is one entry of a stack's configuration.
type setting struct {
	key   string
	value config.Value
}

func newStack(t *testing.T, name string, program pulumi.RunFunc, settings []setting) auto.Stack {
	t.Helper()
	configuration := awsWithoutAccount()
	for _, s := range settings {
		configuration[config.MustParseKey(s.key)] = s.value
	}
	ws, err := auto.NewLocalWorkspace(t.Context(), auto.Pulumi(pulumiCommand(t)), auto.Program(program),
		auto.Project(workspace.Project{
			Name: tokens.PackageName("policy-test"), Runtime: workspace.NewProjectRuntimeInfo("go", nil),
			Backend: &workspace.ProjectBackend{URL: "file://" + t.TempDir()},
		}),
		auto.Stacks(map[string]workspace.ProjectStack{name: {Config: configuration}}),
		auto.EnvVars(map[string]string{
			"PULUMI_CONFIG_PASSPHRASE": "test", "PULUMI_SKIP_UPDATE_CHECK": "true",
			"PULUMI_HOME": t.TempDir(), "PATH": testtools.Plugins(t) + string(os.PathListSeparator) + os.Getenv("PATH"),
		}))
	require.NoError(t, err)
	s, err := auto.NewStack(t.Context(), name, ws)
	require.NoError(t, err)
	return s
}

// cli is shared, so that its version is read only once.
var cli struct {
	sync.Once
	command auto.PulumiCommand
	err     error
}

// pulumiCommand returns the folder layout that the Automation API expects: <root>/bin/pulumi.
func pulumiCommand(t *testing.T) auto.PulumiCommand {
	t.Helper()
	cli.Do(func() {
		cli.err = errors.New("no engine was found") // In case it ends the test.
		tool := testtools.Pulumi(t)
		root := filepath.Join(filepath.Dir(packFile), "pulumi")
		if cli.err = os.MkdirAll(filepath.Join(root, "bin"), 0o700); cli.err != nil {
			return
		}
		if cli.err = os.Symlink(tool, filepath.Join(root, "bin", "pulumi")); cli.err != nil {
			return
		}
		cli.command, cli.err = auto.NewPulumiCommand(&auto.PulumiCommandOptions{Root: root})
	})
	require.NoError(t, cli.err)
	return cli.command
}

// awsWithoutAccount configures a provider that makes no calls during a preview.
func awsWithoutAccount() config.Map {
	settings := config.Map{}
	for key, value := range map[string]string{
		"aws:region": "eu-west-1", "aws:accessKey": "test", "aws:secretKey": "test",
		"aws:skipCredentialsValidation": "true", "aws:skipRequestingAccountId": "true", "aws:skipMetadataApiCheck": "true",
	} {
		settings[config.MustParseKey(key)] = config.NewValue(value)
	}
	return settings
}
