// Package program tests the program of every stack with a recorder in place of the engine
// and AWS: registered resources, and their dependencies.
package program

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
	"store-events/program"
)

var projectDir = filepath.Join("..", "..")

const (
	account = "123456789012"
	region  = "eu-west-1"
)

// stack is a recorded deployment of one stack of the project.
type stack struct {
	t      *testing.T
	name   string
	config config.Config
	*pulumitest.Recorder
}

// deploy runs the program with settings.
func deploy(name string, settings config.Map) (*stack, error) {
	s := &stack{name: name, Recorder: pulumitest.New()}
	return s, s.deploy(settings)
}

func (s *stack) deploy(settings config.Map) error {
	full := pulumitest.Settings{}
	for key, value := range settings {
		full[config.Namespace+":"+key] = value
	}
	return s.Run(s.name, full, func(ctx *pulumi.Context) error {
		outputs, err := program.Deploy(ctx, projectDir)
		s.Keep(ctx, outputs)
		return err
	})
}

// deployed are the project's stacks, each deployed once for all tests.
var deployed = sync.OnceValues(func() ([]*stack, error) {
	var all []*stack
	for _, name := range []string{"local", "dev", "prod"} {
		settings, err := readStack(name)
		if err != nil {
			return nil, err
		}
		s, err := deploy(name, settings)
		if err != nil {
			return nil, fmt.Errorf("stack %s: %w", name, err)
		}
		if s.config, err = config.Load(name, settings); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
})

// eachStack runs a test on every stack of the project.
func eachStack(t *testing.T, test func(t *testing.T, s stack)) {
	t.Helper()
	all, err := deployed()
	require.NoError(t, err)
	for _, s := range all {
		t.Run(s.name, func(t *testing.T) {
			view := *s
			view.t = t
			test(t, view)
		})
	}
}

func readStack(name string) (config.Map, error) {
	full, err := pulumitest.ReadSettings(projectDir, name)
	if err != nil {
		return nil, err
	}
	settings := config.Map{}
	for key, value := range full {
		if key, ours := strings.CutPrefix(key, config.Namespace+":"); ours {
			settings[key] = fmt.Sprint(value)
		}
	}
	return settings, nil
}

// all returns the resources of a type, such as aws:ec2/subnet:Subnet.
func (s stack) all(kind string) []pulumitest.Resource {
	return pulumitest.OfType(s.Resources, kind)
}

// one returns the only resource of a type whose name has the suffix.
func (s stack) one(kind, suffix string) pulumitest.Resource {
	s.t.Helper()
	var found []pulumitest.Resource
	for _, r := range s.all(kind) {
		if strings.HasSuffix(r.Name, suffix) {
			found = append(found, r)
		}
	}
	require.Len(s.t, found, 1, "%s named *%s", kind, suffix)
	return found[0]
}

// consumer returns the instance of the consumer, whose name contains its architecture.
func (s stack) consumer() pulumitest.Resource {
	s.t.Helper()
	if s.config.Consumer.Graviton() {
		return s.one("aws:ec2/instance:Instance", "-consumer-arm64")
	}
	return s.one("aws:ec2/instance:Instance", "-consumer")
}

// secretArn returns the ARN of a user's secret: master, loader or reader.
func (s stack) secretArn(user string) string {
	names := map[string]string{"master": "-login", "loader": "-loader-login", "reader": "-reader-login"}
	return s.ARN(s.one("aws:secretsmanager/secret:Secret", s.name+names[user]))
}

// names returns the names of resources, without the stack's prefix.
func (s stack) names(resources []pulumitest.Resource) []string {
	var out []string
	for _, r := range resources {
		out = append(out, strings.TrimPrefix(r.Name, config.Namespace+"-"+s.name+"-"))
	}
	return out
}

// policyStatement is a statement of an IAM policy.
type policyStatement struct {
	Sid, Effect      string
	Principal        any
	Action, Resource []string
	Condition        map[string]map[string]any
}

func statements(t *testing.T, document any) []policyStatement {
	t.Helper()
	var policy struct{ Statement []policyStatement }
	require.NoError(t, json.Unmarshal([]byte(document.(string)), &policy))
	require.NotEmpty(t, policy.Statement)
	return policy.Statement
}

// A shell after `storeevents local env` would deploy a stack for AWS to the local one, and save that in its state.
func TestLocalEndpointsAreRefusedForStacksOnAWS(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566")
	settings, err := readStack("dev")
	require.NoError(t, err)
	s, err := deploy("dev", settings)
	require.ErrorContains(t, err, "AWS_ENDPOINT_URL=http://127.0.0.1:4566: sends requests to this machine, and stack dev is on AWS")
	require.Empty(t, s.Resources)

	t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
	_, err = deploy("dev", settings)
	require.NoError(t, err)

	t.Setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "")
	full, err := pulumitest.ReadSettings(projectDir, "local")
	require.NoError(t, err)
	require.NoError(t, pulumitest.New().Run("local", full, func(ctx *pulumi.Context) error {
		_, err := program.Deploy(ctx, projectDir)
		return err
	}), "the local stack is on this machine")
}
