package corpus

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
	"store-events/policy/rules/athena"
	"store-events/policy/rules/compute"
	"store-events/policy/rules/glue"
	"store-events/policy/rules/network"
	"store-events/policy/rules/rds"
)

// Every critical or high rule of these services has at least three evasions and two benign look-alikes.
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
	for _, r := range slices.Concat(athena.Rules(), compute.Rules(), glue.Rules(), network.Rules(), rds.Rules()) {
		if r.Severity > rule.High {
			continue
		}
		assert.GreaterOrEqual(t, counts["evasions"][r.ID], 3, r.ID)
		assert.GreaterOrEqual(t, counts["benign"][r.ID], 2, r.ID)
	}
}
