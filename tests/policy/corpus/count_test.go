package corpus

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/rules"
)

// wholeTypes are the rules that refuse all resources of their types. Their look-alikes have other types.
var wholeTypes = []string{"iam-no-users-or-keys", "vpc-no-default-vpc"}

// Every critical or high rule has at least three evasions that it reports, and two benign look-alikes that it does not.
func TestEveryImportantRuleHasCases(t *testing.T) {
	evasions, benign := count(t, "evasions"), count(t, "benign")
	for _, r := range rules.All() {
		if r.Severity > rule.High {
			continue
		}
		assert.GreaterOrEqual(t, len(evasions[r.ID]), 3, "evasions of %s", r.ID)
		seen := slices.DeleteFunc(benign[r.ID], func(c Case) bool {
			return !slices.Contains(wholeTypes, r.ID) && !slices.ContainsFunc(c.types(), r.AppliesTo)
		})
		assert.GreaterOrEqual(t, len(seen), 2, "benign look-alikes of %s", r.ID)
	}
}

// count returns the cases of a folder that name each rule.
func count(t *testing.T, folder string) map[string][]Case {
	t.Helper()
	files, err := Read(root + folder + "/*.yaml")
	require.NoError(t, err)
	cases := map[string][]Case{}
	for _, f := range files {
		for _, c := range f.Cases {
			for _, id := range c.Rules {
				cases[id] = append(cases[id], c)
			}
		}
	}
	return cases
}

// types returns the types, in the spelling of rules, of the resources that the case changes.
func (c Case) types() []string {
	changed := slices.Clone(c.Remove)
	if c.Statement != nil || len(c.Set) > 0 {
		changed = append(changed, c.On)
	}
	for _, r := range c.Add {
		changed = append(changed, r.Type)
	}
	if len(c.Outputs) > 0 {
		changed = append(changed, aws.Stack)
	}
	var types []string
	for _, name := range changed {
		of, _, _ := strings.Cut(name, " ")
		types = append(types, aws.PartTypes(of)...)
	}
	return types
}
