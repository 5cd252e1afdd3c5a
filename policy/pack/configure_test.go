package pack

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/matcher"
	"store-events/policy/rule"
)

// limited returns a rule that requires the configured number of days of backups.
func limited() rule.Rule {
	r := example
	r.Options = []rule.Option{rule.Integer("days", "least days", 1, 35, func(s *rule.Settings) *float64 { return &s.DBBackupDays })}
	r.Resource = func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("days"), matcher.AtLeast(r.Settings.DBBackupDays), "too few")
	}
	return r
}

func TestConfigurationOverridesTheEnvironment(t *testing.T) {
	ten := map[string]property.Value{"days": property.New(10.0)}
	p := packOf(rule.Dev, limited())
	require.Empty(t, checkDB(t, p, ten))
	require.NoError(t, p.Configure(map[string]Configuration{"example": {Level: rule.Mandatory, Limits: map[string]any{"days": 11.0}}}))
	require.Len(t, checkDB(t, p, ten)["example"], 1)
	require.NoError(t, p.Configure(map[string]Configuration{"example": {Level: rule.Off}}))
	require.Empty(t, checkDB(t, p, ten))
}

func TestConfigurationErrors(t *testing.T) {
	for want, given := range map[string]map[string]Configuration{
		"example: days: 36 is not a whole number from 1 to 35":                  {"example": {Limits: map[string]any{"days": 36.0}}},
		"example: days: 1.5 is not a whole number":                              {"example": {Limits: map[string]any{"days": 1.5}}},
		`example: days: "x" is not a whole number`:                              {"example": {Limits: map[string]any{"days": "x"}}},
		"example: hours is not one of enforcementLevel, days":                   {"example": {Limits: map[string]any{"hours": 1.0}}},
		"example: enforcementLevel: remediate is not one of disabled, advisory": {"example": {Level: rule.Remediate}},
		"example-1: no such policy":                                             {"example-1": {}},
		"rule-failed: enforcementLevel: advisory is not one of mandatory":       {"rule-failed": {Level: rule.Advisory}},
		"rule-x: no such policy; policies that begin with rule: rule-failed":    {"rule-x": {}},
		"all: only policies that can fix violations have the level remediate":   {"all": {Level: rule.Remediate}},
	} {
		require.ErrorContains(t, packOf(rule.Dev, limited()).Configure(given), want)
	}
}

func TestAllExceptFailedRules(t *testing.T) {
	p := packOf(rule.Prod, example)
	advisory := Configuration{Level: rule.Advisory}
	require.NoError(t, p.Configure(map[string]Configuration{"all": advisory, "example": advisory, "rule-failed": advisory, "note": advisory}))
	levels := map[string]rule.Level{}
	for _, policy := range p.Policies() {
		levels[policy.Name] = policy.Level
	}
	require.Equal(t, rule.Advisory, levels["example"])
	require.Equal(t, rule.Mandatory, levels["rule-failed"])
}
