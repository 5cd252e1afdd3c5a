package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	"localaws/daemon"
	"store-events/config"
	"store-events/deploy"
	"store-events/deploy/rolepolicy"
)

// TestDeployRoleWithPrintedPolicies deploys with a role that may do everything, and then
// another stack with a role that has only the policies that the first deployment printed.
func TestDeployRoleWithPrintedPolicies(t *testing.T) {
	var up struct{ Policies []rolepolicy.Document }
	everything := newStack(t)
	everything.settings = "store-events:trigger=both" // It includes the resources of the other triggers.
	everything.run(t, nil, "local", "start")
	role := everything.deployRole(t, rolepolicy.Document{Version: "2012-10-17", Statement: []rolepolicy.Statement{
		{Effect: "Allow", Action: []string{"*"}, Resource: []string{"*"}},
	}})
	everything.run(t, &up, "up", "--as", role)
	require.Greater(t, len(up.Policies), 1)
	requireRecorded(t, everything.needed(t, role))
	for _, p := range up.Policies {
		text, err := json.Marshal(p)
		require.NoError(t, err)
		require.LessOrEqual(t, len(text), rolepolicy.MaxSize)
	}
	var down struct{ Policies []rolepolicy.Document }
	everything.run(t, &down, "down", "--as", role)
	require.Empty(t, missing(down.Policies, up.Policies), "actions that the teardown needs and up did not print")

	exact := newStack(t)
	exact.settings = everything.settings
	exact.run(t, nil, "local", "start")
	lacking, removed := withoutAction(t, up.Policies, "glue:CreateCrawler")
	role = exact.deployRole(t, lacking...)
	var stdout, stderr bytes.Buffer
	cmd := exact.command(t.Context(), "up", "--as", role)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	require.Error(t, cmd.Run())
	denied := regexp.MustCompile(`is not authorized to perform: (\S+)`).FindStringSubmatch(stderr.String())
	require.NotNil(t, denied, stderr.String())
	require.Contains(t, removed, denied[1])
	require.Contains(t, stderr.String(), "The list of permissions is incomplete")
	require.Contains(t, stderr.String(), `"s3:CreateBucket"`)

	exact.allow(t, role, up.Policies...)
	exact.run(t, nil, "up", "--as", role)
	exact.run(t, nil, "down", "--as", role)
}

// recordFile has the actions that a deployment needs, for the tests of bootstrap/.
const recordFile = "../../bootstrap/testdata/needed.json"

var writeNeeded = flag.Bool("record", false, "write "+recordFile+" from a deployment")

// needed returns the actions that the role of the last update used, with resources without the stack's names.
func (s *stack) needed(t *testing.T, role string) map[string][]string {
	t.Helper()
	document, err := daemon.NeededPolicy(t.Context(), s.state, fmt.Sprintf("http://127.0.0.1:%d", s.port), role, deploy.RoleSession)
	require.NoError(t, err)
	c, err := config.Load("local", config.Map{})
	require.NoError(t, err)
	names := strings.NewReplacer("store-events-local", "{prefix}", c.Catalog.Database, "{database}", c.Catalog.CrawlerName, "{crawler}", c.Etl.JobName, "{job}")
	all := map[string][]string{}
	for _, statement := range document.Statement {
		for _, action := range statement.Action {
			if action == "iam:GetUser" { // Pulumi.local.yaml makes the provider call this instead of using its credentials.
				continue
			}
			for _, resource := range statement.Resource {
				all[action] = append(all[action], names.Replace(resource))
			}
		}
	}
	return all
}

// requireRecorded compares the actions with the file, or writes it.
func requireRecorded(t *testing.T, needed map[string][]string) {
	t.Helper()
	if *writeNeeded {
		require.NoError(t, os.WriteFile(recordFile, linesOf(needed), 0o600))
	}
	text, err := os.ReadFile(recordFile)
	require.NoError(t, err)
	var before map[string][]string
	require.NoError(t, json.Unmarshal(text, &before))
	require.Equal(t, before, needed, "run this test with -args -record")
}

// linesOf returns a line for each action.
func linesOf(needed map[string][]string) []byte {
	var lines []string
	for _, action := range slices.Sorted(maps.Keys(needed)) {
		resources := make([]string, len(needed[action]))
		for i, resource := range needed[action] {
			resources[i] = strconv.Quote(resource)
		}
		lines = append(lines, fmt.Sprintf("  %q: [%s]", action, strings.Join(resources, ", ")))
	}
	return []byte("{\n" + strings.Join(lines, ",\n") + "\n}\n")
}

// missing returns the needed actions and resources that are not allowed.
func missing(needed, allowed []rolepolicy.Document) []string {
	var lacking []string
	for _, d := range needed {
		for _, s := range d.Statement {
			for _, action := range s.Action {
				for _, resource := range s.Resource {
					if !slices.ContainsFunc(allowed, func(d rolepolicy.Document) bool { return allows(d, action, resource) }) {
						lacking = append(lacking, action+" "+resource)
					}
				}
			}
		}
	}
	return lacking
}

func allows(d rolepolicy.Document, action, resource string) bool {
	return slices.ContainsFunc(d.Statement, func(s rolepolicy.Statement) bool {
		return slices.Contains(s.Action, action) && slices.ContainsFunc(s.Resource, func(pattern string) bool {
			prefix, open := strings.CutSuffix(pattern, "*")
			return pattern == resource || open && strings.HasPrefix(resource, prefix)
		})
	})
}

// withoutAction removes the statement that allows an action, and also returns the
// statement's actions.
func withoutAction(t *testing.T, policies []rolepolicy.Document, action string) (left []rolepolicy.Document, removed []string) {
	t.Helper()
	out := make([]rolepolicy.Document, len(policies))
	for i, p := range policies {
		out[i] = p
		out[i].Statement = slices.DeleteFunc(slices.Clone(p.Statement), func(s rolepolicy.Statement) bool {
			if !slices.Contains(s.Action, action) {
				return false
			}
			removed = append(removed, s.Action...)
			return true
		})
	}
	require.NotEmpty(t, removed)
	return out, removed
}

// deployRole creates a role with the policies.
func (s *stack) deployRole(t *testing.T, policies ...rolepolicy.Document) (arn string) {
	t.Helper()
	out, err := s.iam().CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName:                 aws.String("deployer"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}]}`),
	})
	require.NoError(t, err)
	s.allow(t, *out.Role.Arn, policies...)
	return *out.Role.Arn
}

// allow replaces the managed policies of the role.
func (s *stack) allow(t *testing.T, role string, policies ...rolepolicy.Document) {
	t.Helper()
	attached, err := s.iam().ListAttachedRolePolicies(t.Context(), &iam.ListAttachedRolePoliciesInput{RoleName: aws.String("deployer")})
	require.NoError(t, err)
	for _, p := range attached.AttachedPolicies {
		_, err := s.iam().DetachRolePolicy(t.Context(), &iam.DetachRolePolicyInput{RoleName: aws.String("deployer"), PolicyArn: p.PolicyArn})
		require.NoError(t, err)
	}
	for i, p := range policies {
		text, err := json.Marshal(p)
		require.NoError(t, err)
		created, err := s.iam().CreatePolicy(t.Context(), &iam.CreatePolicyInput{
			PolicyName: aws.String(fmt.Sprintf("deploy-%d-%d", len(attached.AttachedPolicies), i)), PolicyDocument: aws.String(string(text)),
		})
		require.NoError(t, err)
		_, err = s.iam().AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("deployer"), PolicyArn: created.Policy.Arn})
		require.NoError(t, err)
	}
	require.NotEmpty(t, role)
}

func (s *stack) iam() *iam.Client {
	return iam.NewFromConfig(s.config(map[string]any{"Region": "us-east-1"}))
}
