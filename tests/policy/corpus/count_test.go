package corpus

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
	"store-events/policy/rules"
)

// Every critical or high rule has at least three evasions and two benign look-alikes.
func TestEveryImportantRuleHasCases(t *testing.T) {
	counts := map[string]map[string]int{}
	for _, folder := range []string{"evasions", "benign"} {
		files, err := Read(root + folder + "/*.yaml")
		require.NoError(t, err)
		counts[folder] = map[string]int{}
		for _, f := range files {
			for _, c := range f.Cases {
				for _, id := range c.Rules {
					counts[folder][id]++
				}
			}
		}
	}
	for _, r := range rules.All() {
		if r.Severity > rule.High {
			continue
		}
		assert.GreaterOrEqual(t, counts["evasions"][r.ID], 3, "evasions of %s", r.ID)
		assert.GreaterOrEqual(t, counts["benign"][r.ID], 2, "benign look-alikes of %s", r.ID)
	}
}
