package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// reference is AWS's list of actions by service, each with the kinds of resources
// that it can be limited to.
func reference(t *testing.T) map[string]map[string][]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "localaws", "iam", "actions", "table.json"))
	require.NoError(t, err)
	var table struct {
		Services map[string]struct{ Actions map[string][]string }
	}
	require.NoError(t, json.Unmarshal(raw, &table))
	services := map[string]map[string][]string{}
	for name, s := range table.Services {
		services[name] = s.Actions
	}
	return services
}

// notListed are services that the reference in this repository lacks.
var notListed = []string{"cloudwatch", "ssmmessages"}

// undocumented are actions that AWS checks and does not list: Glue's bookmarks.
var undocumented = []string{"glue:UpdateJobBookmark"}

// An action that does not exist, or that IAM cannot limit to an ARN, allows nothing.
func TestActionsExistAndCanBeLimited(t *testing.T) {
	services := reference(t)
	got, err := bootstrapped(nil)
	require.NoError(t, err)
	var problems []string
	for name, r := range got {
		if r.Type != "aws:iam/policy:Policy" {
			continue
		}
		for _, s := range r.statements(t, "policy") {
			for _, action := range s.Action {
				problems = append(problems, problem(services, name+" "+s.Sid, action, s.Resource)...)
			}
		}
	}
	require.Empty(t, problems)
}

func problem(services map[string]map[string][]string, where, action string, resources []string) []string {
	service, operation, _ := strings.Cut(action, ":")
	kinds, exists := services[service][operation]
	everything := len(resources) == 1 && resources[0] == "*"
	switch {
	case strings.HasSuffix(operation, "*"), anyIn(service, notListed), slices.Contains(undocumented, action):
		return nil
	case !exists:
		return []string{where + ": " + action + " does not exist"}
	case len(kinds) == 0 && !everything:
		return []string{where + ": " + action + " cannot be limited to resources"}
	}
	return nil
}
