// Package ci checks the workflows and the scripts that they run: the steps of a workflow
// can be run locally, and workflows have the least permissions.
package ci

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var root = func() string {
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		panic(err)
	}
	return dir
}()

type workflow struct {
	On          yaml.Node
	Permissions yaml.Node
	Concurrency yaml.Node
	Jobs        map[string]job
}

type job struct {
	Uses        string
	RunsOn      string `yaml:"runs-on"`
	Timeout     int    `yaml:"timeout-minutes"`
	Permissions map[string]string
	Environment string
	Steps       []step
}

type step struct {
	Uses, Run string
	With      map[string]any
	Env       map[string]string
}

type action struct{ Runs struct{ Steps []step } }

func read[T any](t *testing.T, pattern string) map[string]T {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, ".github", pattern))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]T{}
	for _, file := range files {
		raw, err := os.ReadFile(file) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		var v T
		require.NoError(t, yaml.Unmarshal(raw, &v), file)
		name, err := filepath.Rel(root, file)
		require.NoError(t, err)
		all[name] = v
	}
	return all
}

func workflows(t *testing.T) map[string]workflow {
	t.Helper()
	return read[workflow](t, "workflows/*.y*ml")
}

// steps returns the steps of all workflows and actions, by file.
func steps(t *testing.T) map[string][]step {
	t.Helper()
	all := map[string][]step{}
	for name, w := range workflows(t) {
		for _, j := range w.Jobs {
			all[name] = append(all[name], j.Steps...)
			if j.Uses != "" {
				all[name] = append(all[name], step{Uses: j.Uses})
			}
		}
	}
	for name, a := range read[action](t, "actions/*/action.y*ml") {
		all[name] = a.Runs.Steps
	}
	return all
}

var (
	makeRun   = regexp.MustCompile(`^make((?: [a-z0-9-]+)+)(?: STACK=[a-z]+)?$`)
	scriptRun = regexp.MustCompile(`^(\$GITHUB_ACTION_PATH/)?([\w./-]+)(?: "\$[A-Z_]+")*$`)
)

func TestEveryCommandIsATargetOrAScript(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join(root, "Makefile")) //nolint:gosec // A file of the project.
	require.NoError(t, err)
	_, phony, found := strings.Cut(string(raw), "\n.PHONY: ")
	require.True(t, found)
	phony, _, _ = strings.Cut(phony, "\n")
	targets := strings.Fields(phony)
	commands := 0
	for name, list := range steps(t) {
		for _, s := range list {
			if s.Run == "" {
				continue
			}
			commands++
			if m := makeRun.FindStringSubmatch(s.Run); m != nil {
				require.Subset(t, targets, strings.Fields(m[1]), name)
				continue
			}
			m := scriptRun.FindStringSubmatch(s.Run)
			require.NotNil(t, m, "%s: run: %s", name, s.Run)
			file := filepath.Join(root, m[2])
			if m[1] != "" {
				file = filepath.Join(root, filepath.Dir(name), m[2])
			}
			info, err := os.Stat(file)
			require.NoError(t, err, name)
			require.NotZero(t, info.Mode()&0o100, "%s is executable", file)
		}
	}
	require.Greater(t, commands, 8)
}

var pinned = regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)

func TestActionsArePinned(t *testing.T) {
	for name, list := range steps(t) {
		raw, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		for _, s := range list {
			if s.Uses == "" || strings.HasPrefix(s.Uses, "./") {
				continue
			}
			require.Regexp(t, pinned, s.Uses, name)
			require.Regexp(t, regexp.QuoteMeta(s.Uses)+` # v\d+\.\d+\.\d+\n`, string(raw), "%s has its version in a comment", name)
			if strings.HasPrefix(s.Uses, "actions/checkout@") {
				require.Equal(t, false, s.With["persist-credentials"], name)
			}
		}
	}
}

func TestWorkflowsHaveTheLeastPermissions(t *testing.T) {
	writes := map[string][]string{
		".github/workflows/comment.yaml comment": {"pull-requests"},
		".github/workflows/deploy.yaml dev":      {"id-token"},
		".github/workflows/deploy.yaml prod":     {"id-token"},
		".github/workflows/drift.yaml dev":       {"id-token"},
		".github/workflows/drift.yaml prod":      {"id-token"},
		".github/workflows/release.yaml publish": {"attestations", "contents", "id-token"},
	}
	for name, w := range workflows(t) {
		require.Contains(t, []string{"!!map", "!!str"}, w.Permissions.Tag, "%s declares permissions", name)
		for _, value := range w.Permissions.Content {
			require.NotContains(t, []string{"write", "write-all"}, value.Value, name)
		}
		require.NotEqual(t, "write-all", w.Permissions.Value, name)
		require.NotEmpty(t, w.Concurrency.Content, "%s has a concurrency group", name)
		for id, j := range w.Jobs {
			var got []string
			for scope, access := range j.Permissions {
				if access == "write" {
					got = append(got, scope)
				}
			}
			slices.Sort(got)
			require.Equal(t, writes[name+" "+id], got, "%s %s", name, id)
			require.NotNil(t, j.Permissions, "%s %s declares permissions", name, id)
			if j.Uses == "" {
				require.NotZero(t, j.Timeout, "%s %s has a timeout", name, id)
			}
		}
	}
}

func triggers(w workflow) []string {
	if w.On.Kind == yaml.ScalarNode {
		return []string{w.On.Value}
	}
	var names []string
	for i := 0; i < len(w.On.Content); i++ {
		names = append(names, w.On.Content[i].Value)
		if w.On.Kind == yaml.MappingNode {
			i++
		}
	}
	return names
}

// docs/ci.md describes a state in S3 and in Pulumi Cloud.
func TestDeploymentsCanUseEachBackend(t *testing.T) {
	for _, name := range []string{"deploy", "drift"} {
		raw, err := os.ReadFile(filepath.Join(root, ".github", "workflows", name+".yaml")) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		for _, variable := range []string{"PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE", "PULUMI_ACCESS_TOKEN"} {
			require.Equal(t, 2, strings.Count(string(raw), variable+": ${{"), "%s: %s of dev and prod", name, variable)
		}
	}
}

// Jobs that run a fork's code have neither secrets nor write permissions.
func TestForksGetNoSecretsAndWritePermissions(t *testing.T) {
	secret := regexp.MustCompile(`secrets\.|github\.token`)
	for name, w := range workflows(t) {
		on := triggers(w)
		require.NotEmpty(t, on, name)
		require.NotContains(t, on, "pull_request_target", name)
		if !slices.Contains(on, "pull_request") {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		require.NotRegexp(t, secret, string(raw), name)
		for id, j := range w.Jobs {
			require.Equal(t, map[string]string{"contents": "read"}, j.Permissions, "%s %s", name, id)
			require.Empty(t, j.Environment, "%s %s", name, id)
		}
	}
}

func TestDeploymentsNeedAnEnvironment(t *testing.T) {
	for name, w := range workflows(t) {
		for id, j := range w.Jobs {
			if _, role := j.Permissions["id-token"]; role && !strings.Contains(name, "release") {
				require.NotEmpty(t, j.Environment, "%s %s: the role's trust policy requires the environment", name, id)
			}
		}
	}
}

// An update whose credentials expire leaves the stack locked.
func TestCredentialsLastAsLongAsTheJob(t *testing.T) {
	jobs := 0
	for name, w := range workflows(t) {
		for id, j := range w.Jobs {
			for _, s := range j.Steps {
				if s.Uses != "./.github/actions/account" {
					continue
				}
				seconds, given := s.With["seconds"].(int)
				if !given {
					seconds = 3600
				}
				require.LessOrEqual(t, j.Timeout*60, seconds, "%s %s", name, id)
				jobs++
			}
		}
	}
	require.Equal(t, 4, jobs)
}
