// Package rolepolicy completes the permissions that a role needed to deploy a stack: it
// adds the permissions to update and remove the stack, and splits them into policies
// that IAM accepts.
package rolepolicy

import (
	"encoding/json"
	"maps"
	"slices"
)

// MaxSize is the maximum size in characters, without white space, of a managed policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const MaxSize = 6144

// Document is an identity policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Statement allows actions on resources.
type Statement struct {
	Effect           string
	Action, Resource []string
}

// WithTeardown adds, for each action that creates a resource, the actions that
// change and delete the resource.
func WithTeardown(needed []Statement) []Statement {
	var out []Statement
	for _, s := range needed {
		actions := slices.Clone(s.Action)
		var inside []Statement
		for _, action := range s.Action {
			actions = append(actions, teardownActions[action]...)
			if contents, ok := teardownInside[action]; ok {
				inside = append(inside, contents.statements(s)...)
			}
		}
		out = append(out, Statement{s.Effect, unique(actions), s.Resource})
		out = append(out, inside...)
	}
	return out
}

// statements returns statements for the contents of the resources of a statement.
func (c contents) statements(s Statement) []Statement {
	var resources []string
	for _, resource := range s.Resource {
		resources = append(resources, c.of(resource)...)
	}
	if len(resources) == 0 {
		return nil
	}
	return []Statement{{s.Effect, c.actions, unique(resources)}}
}

func unique(values []string) []string {
	set := map[string]bool{}
	for _, v := range values {
		set[v] = true
	}
	return slices.Sorted(maps.Keys(set))
}

// Split divides statements into policies of at most MaxSize characters. It also divides
// statements that are larger.
func Split(statements []Statement) []Document {
	var documents []Document
	current := Document{Version: "2012-10-17"}
	for _, s := range smaller(statements) {
		next := current
		next.Statement = append(slices.Clone(current.Statement), s)
		if size(next) <= MaxSize {
			current = next
			continue
		}
		documents = append(documents, current)
		current = Document{Version: current.Version, Statement: []Statement{s}}
	}
	if len(current.Statement) > 0 {
		documents = append(documents, current)
	}
	return documents
}

// smaller halves the resources or the actions of statements until each statement fits into a policy.
func smaller(statements []Statement) []Statement {
	var out []Statement
	for _, s := range statements {
		if size(Document{Version: "2012-10-17", Statement: []Statement{s}}) <= MaxSize {
			out = append(out, s)
			continue
		}
		first, second := s, s
		if half := len(s.Resource) / 2; half > 0 {
			first.Resource, second.Resource = s.Resource[:half], s.Resource[half:]
		} else {
			half = len(s.Action) / 2
			first.Action, second.Action = s.Action[:half], s.Action[half:]
		}
		out = append(out, smaller([]Statement{first, second})...)
	}
	return out
}

func size(d Document) int {
	text, err := json.Marshal(d)
	if err != nil {
		return 0 // Strings can always be encoded.
	}
	return len(text)
}
