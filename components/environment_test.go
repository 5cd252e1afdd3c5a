package components

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
)

func lookup(t *testing.T, zones ...string) (Environment, *pulumitest.Recorder, error) {
	t.Helper()
	cfg := settings(t)
	cfg.Network.Zones, cfg.Common.ProtectData = zones, true
	r := pulumitest.New()
	var env Environment
	err := r.Run("test", nil, func(ctx *pulumi.Context) error {
		var err error
		env, err = LookupEnvironment(ctx, cfg)
		return err
	})
	return env, r, err
}

func TestLookupEnvironment(t *testing.T) {
	env, r, err := lookup(t)
	require.NoError(t, err)
	common := config.Default().Common
	common.ProtectData = true
	want := Environment{Common: common, Account: account, Region: region, Partition: "aws", Zones: []string{region + "a", region + "b"}}
	require.Equal(t, want, env)
	require.Equal(t, map[string]any{
		"state":          "available",
		"filters":        []any{map[string]any{"name": "opt-in-status", "values": []any{"opt-in-not-required"}}},
		"excludeZoneIds": []any{"use1-az3", "usw1-az2", "cac1-az3"},
	}, r.Calls["aws:index/getAvailabilityZones:getAvailabilityZones"])

	env, _, err = lookup(t, region+"c", region+"a")
	require.NoError(t, err)
	want.Zones, want.ZonesPinned = []string{region + "c", region + "a"}, true
	require.Equal(t, want, env)

	_, _, err = lookup(t, region+"x", region+"a")
	require.ErrorContains(t, err, `store-events:availabilityZones: "`+region+`x" is not allowed`)
}

func TestPartitionsOfAWS(t *testing.T) {
	for name, tc := range map[string]struct {
		partition, message string
		budget             int
	}{
		"GovCloud":               {"aws-us-gov", "", 0},
		"GovCloud with a budget": {"aws-us-gov", "store-events:monthlyBudgetUsd: 100 is not allowed: use 0 in AWS GovCloud", 100},
		"China":                  {"aws-cn", "aws:region " + region + " is not supported", 100},
		"the Sovereign Cloud":    {"aws-eusc", "services have other names in the partition aws-eusc", 100},
	} {
		cfg := settings(t)
		cfg.Alerts.MonthlyBudgetUSD = tc.budget
		r := pulumitest.New()
		r.Functions = map[string]func(map[string]any) map[string]any{
			"aws:index/getPartition:getPartition": func(map[string]any) map[string]any { return map[string]any{"partition": tc.partition} },
		}
		err := r.Run("test", nil, func(ctx *pulumi.Context) error {
			_, err := LookupEnvironment(ctx, cfg)
			return err
		})
		if tc.message == "" {
			require.NoError(t, err, name)
			continue
		}
		require.ErrorContains(t, err, tc.message, name)
	}
}
