package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/policy/recording"
)

// listed is a service in AWS's list.
type listed struct {
	// Resources are the formats of ARNs by type.
	Resources map[string]string
	// Actions have the resource types that they can be limited to, those that AWS requires with a "!" at the end.
	Actions map[string][]string
}

// references are AWS's lists by service.
type references map[string]listed

// reference reads AWS's list of actions by service.
func reference(t *testing.T) references {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "localaws", "iam", "actions", "table.json"))
	require.NoError(t, err)
	var table struct{ Services references }
	require.NoError(t, json.Unmarshal(raw, &table))
	return table.Services
}

// notListed are services that the reference in this repository lacks.
var notListed = []string{"cloudwatch", "ssmmessages"}

// undocumented are actions that AWS checks but does not list: Glue's bookmarks.
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

func problem(services references, where, action string, resources []string) []string {
	service, operation, _ := strings.Cut(action, ":")
	kinds, exists := services[service].Actions[operation]
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

// AWS checks each resource of a request separately: an action needs resources of all types that AWS requires for it.
func TestActionsHaveEveryRequiredResource(t *testing.T) {
	services := reference(t)
	got, err := bootstrapped(map[string]string{"catalogEnvironment": "dev"})
	require.NoError(t, err)
	var missing []string
	for _, env := range []string{"dev", "prod"} {
		role, boundary := "github-store-events-"+env, "github-store-events-"+env+"-boundary"
		missing = append(missing, services.lacking(boundary, got[boundary].statements(t, "policy"))...)
		for _, name := range []string{role, role + "-drift"} {
			missing = append(missing, services.lacking(name, attached(t, got, name))...)
		}
		for _, settings := range []recording.Settings{{"store-events:trigger": "both"}, {"store-events:paused": "true"}} {
			program, err := recording.Record("..", env, settings)
			require.NoError(t, err)
			for _, r := range program.Resources {
				if r.Type == "aws:iam/rolePolicy:RolePolicy" {
					missing = append(missing, services.lacking(env+" "+r.Name, roleStatements(t, generated(r.Props["policy"].(string))))...)
				}
			}
		}
	}
	slices.Sort(missing)
	require.Empty(t, slices.Compact(missing))
}

// attached returns the statements of the policies that are attached to a role.
func attached(t *testing.T, got map[string]registered, role string) []statement {
	t.Helper()
	var all []statement
	for name, r := range got {
		of, suffix, _ := strings.Cut(name, "-may-")
		if r.Type == "aws:iam/rolePolicyAttachment:RolePolicyAttachment" && of == role {
			all = append(all, got[strings.TrimSuffix(role, "-drift")+"-"+suffix].statements(t, "policy")...)
		}
	}
	require.NotEmpty(t, all)
	return all
}

// eachAlone are actions for which AWS lists every type as required, although a request names one resource.
var eachAlone = []string{"TagResource", "UntagResource", "ListTagsForResource"}

// lacking returns the allowed actions without a resource of a type that AWS requires.
func (services references) lacking(where string, statements []statement) []string {
	resources := map[string][]string{}
	for _, s := range statements {
		for _, action := range s.Action {
			if s.Effect == "Allow" {
				resources[action] = append(resources[action], s.Resource...)
			}
		}
	}
	var missing []string
	for action, given := range resources {
		service, operation, _ := strings.Cut(action, ":")
		for _, kind := range services[service].Actions[operation] {
			kind, required := strings.CutSuffix(kind, "!")
			form := services[service].Resources[kind]
			if required && !slices.Contains(eachAlone, operation) && !slices.ContainsFunc(given, func(arn string) bool { return names(arn, form) }) {
				missing = append(missing, where+": "+action+" has no "+kind)
			}
		}
	}
	return missing
}

// formVariable is a part of an ARN that names a resource.
var formVariable = regexp.MustCompile(`\$\{\w+\}`)

// names reports whether an ARN pattern in a policy can match an ARN format, in any account.
func names(arn, form string) bool {
	own, other := strings.SplitN(arn, ":", 6), strings.SplitN(form, ":", 6)
	return arn == "*" || len(own) == 6 && own[2] == other[2] && overlap(own[5], formVariable.ReplaceAllString(other[5], "*"))
}

// overlap reports whether some string matches both patterns.
func overlap(a, b string) bool {
	switch {
	case a == "" || b == "":
		return strings.Trim(a+b, "*") == ""
	case a[0] == '*':
		return overlap(a[1:], b) || overlap(a, b[1:])
	case b[0] == '*':
		return overlap(a, b[1:]) || overlap(a[1:], b)
	}
	return a[0] == b[0] && overlap(a[1:], b[1:])
}

func TestOverlap(t *testing.T) {
	for pair, want := range map[[2]string]bool{
		{"a*", "*b"}: true, {"a*c", "ab*"}: true, {"", "*"}: true, {"a", ""}: false, {"*", "a"}: true, {"ab", "ac*"}: false, {"d/*", "e/*"}: false, {"*x", "y"}: false,
	} {
		require.Equal(t, want, overlap(pair[0], pair[1]), pair)
	}
}
