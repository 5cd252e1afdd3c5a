package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	"store-events/deploy/rolepolicy"
)

// TestADeployRoleNeedsWhatUpPrints deploys with a role that may do everything, and
// then elsewhere with a role that has only the policies that this printed.
func TestADeployRoleNeedsWhatUpPrints(t *testing.T) {
	var up struct{ Policies []rolepolicy.Document }
	everything := newStack(t)
	everything.run(t, nil, "local", "start")
	role := everything.deployRole(t, rolepolicy.Document{Version: "2012-10-17", Statement: []rolepolicy.Statement{
		{Effect: "Allow", Action: []string{"*"}, Resource: []string{"*"}},
	}})
	everything.run(t, &up, "up", "--as", role)
	require.Greater(t, len(up.Policies), 1)
	for _, p := range up.Policies {
		text, err := json.Marshal(p)
		require.NoError(t, err)
		require.LessOrEqual(t, len(text), rolepolicy.MaxSize)
	}
	var down struct{ Policies []rolepolicy.Document }
	everything.run(t, &down, "down", "--as", role)
	require.Empty(t, missing(down.Policies, up.Policies), "what the teardown needs and up did not print")

	exact := newStack(t)
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
	require.Contains(t, stderr.String(), "The list of what the role needs is not complete")
	require.Contains(t, stderr.String(), `"s3:CreateBucket"`)

	exact.allow(t, role, up.Policies...)
	exact.run(t, nil, "up", "--as", role)
	exact.run(t, nil, "down", "--as", role)
}

// missing lists the actions and resources that are needed and not allowed.
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

// withoutAction leaves out the statement that allows an action, and returns the
// actions of that statement too.
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

// deployRole creates a role of the account with policies.
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

// allow attaches managed policies to the role, instead of those that it had.
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
