// Package program tests the program of every stack with the engine and AWS
// replaced by a recorder: what is registered, and how it hangs together.
package program

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"store-events/config"
	"store-events/program"
)

var projectDir = filepath.Join("..", "..")

// stack is a recorded deployment of one stack of the project.
type stack struct {
	t        *testing.T
	name     string
	settings config.Map
	config   config.Config
	*recorder
	outputs map[string]any
}

// deploy runs the program with settings.
func deploy(name string, settings config.Map) (*stack, error) {
	s := &stack{name: name, settings: settings, recorder: &recorder{}, outputs: map[string]any{}}
	var mu sync.Mutex
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		outputs, err := program.Stack(ctx, projectDir)
		for key, value := range outputs {
			pulumi.ToOutput(value).ApplyT(func(v any) any {
				mu.Lock()
				defer mu.Unlock()
				s.outputs[key] = v
				return v
			})
		}
		return err
	}, pulumi.WithMocks(config.Namespace, name, s.recorder), func(info *pulumi.RunInfo) {
		info.Config = map[string]string{}
		for key, value := range settings {
			info.Config[config.Namespace+":"+key] = value
		}
	})
	return s, err
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
		if s.config, err = config.Load(settings); err != nil {
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
	raw, err := os.ReadFile(filepath.Join(projectDir, "Pulumi."+name+".yaml")) //nolint:gosec // A file of the project.
	if err != nil {
		return nil, err
	}
	var file struct{ Config map[string]any }
	if err := yaml.Unmarshal(raw, &file); err != nil {
		return nil, err
	}
	settings := config.Map{}
	for full, value := range file.Config {
		if key, ours := strings.CutPrefix(full, config.Namespace+":"); ours {
			settings[key] = fmt.Sprint(value)
		}
	}
	return settings, nil
}

// all are the resources of a type, such as aws:ec2/subnet:Subnet.
func (s stack) all(kind string) []record {
	var out []record
	for _, r := range s.resources {
		if r.Type == kind {
			out = append(out, r)
		}
	}
	return out
}

// one is the resource of a type whose name ends in suffix; there must be one.
func (s stack) one(kind, suffix string) record {
	s.t.Helper()
	var found []record
	for _, r := range s.all(kind) {
		if strings.HasSuffix(r.Name, suffix) {
			found = append(found, r)
		}
	}
	require.Len(s.t, found, 1, "%s named *%s", kind, suffix)
	return found[0]
}

// waitsFor reports whether a resource is made after another one.
func (s stack) waitsFor(r, other record) bool {
	suffix := "$" + other.Type + "::" + other.Name
	return slices.ContainsFunc(r.Depends, func(urn string) bool {
		return strings.HasSuffix(urn, suffix) || strings.HasSuffix(urn, "::"+other.Type+"::"+other.Name)
	})
}

// secretArn is the ARN of the secret of a user: master, loader or reader.
func (s stack) secretArn(user string) string {
	names := map[string]string{"master": "-login", "loader": "-loader-login", "reader": "-reader-login"}
	return arn(s.one("aws:secretsmanager/secret:Secret", s.name+names[user]))
}

// names are the names of resources, without the stack's prefix.
func (s stack) names(resources []record) []string {
	var out []string
	for _, r := range resources {
		out = append(out, strings.TrimPrefix(r.Name, config.Namespace+"-"+s.name+"-"))
	}
	return out
}

// get walks the inputs of a resource along keys.
func (r record) get(t *testing.T, keys ...string) any {
	t.Helper()
	var value any = r.Inputs
	for _, key := range keys {
		m, ok := value.(map[string]any)
		require.True(t, ok, "%s %s: no %v", r.Type, r.Name, keys)
		value = m[key]
	}
	return value
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
