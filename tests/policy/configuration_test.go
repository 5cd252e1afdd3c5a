package policy_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// configuration writes a file for --policy-pack-config.
func configuration(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.json")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestConfigurationSetsLevelsAndLimits(t *testing.T) {
	t.Parallel()
	file := configuration(t, `{
		"rds-storage-encrypted": "advisory",
		"s3-public-access-block-present": {"enforcementLevel": "disabled"},
		"rds-backup-retention": {"enforcementLevel": "mandatory", "days": 14},
		"tags-required": {"keys": [], "dataKeys": []}
	}`)
	o := previewConfigured(t, "dev", file, pipeline(func(in inputs) {
		in["database"]["storageEncrypted"] = pulumi.Bool(false)
		in["database"]["backupRetentionPeriod"] = pulumi.Int(13)
		in["block"] = nil
	}))
	require.Error(t, o.Err)
	require.NotContains(t, o.mandatory(), "rds-storage-encrypted database", o.Log)
	require.Contains(t, o.all(), "rds-storage-encrypted database")
	require.NotContains(t, o.all(), "s3-public-access-block-present bucket", "stack rules can be configured")
	require.Contains(t, o.mandatory(), "rds-backup-retention database", "13 days are fewer than 14")
	require.NotContains(t, o.Log, "(tags-required)", "no tags are required")
}

func TestConfigurationErrorsAreReported(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"rds-backups": "advisory"}`:                             "rds-backups: no such policy; policies that begin with rds: rds-admin-username",
		`{"rds-backup-retention": {"hours": 7}}`:                  "rds-backup-retention: hours is not one of enforcementLevel, days",
		`{"rds-backup-retention": {"days": 99}}`:                  "rds-backup-retention: days: Must be less than or equal to 35",
		`{"rds-backup-retention": {"days": "7"}}`:                 "rds-backup-retention: days: Invalid type. Expected: integer, given: string",
		`{"rds-backup-retention": "strict"}`:                      `"rds-backup-retention": "strict" is not a valid enforcement level`,
		`{"rds-backup-retention": "remediate"}`:                   "rds-backup-retention: enforcementLevel: remediate is not one of disabled, advisory, mandatory",
		`{"rule-failed": "advisory"}`:                             "rule-failed: enforcementLevel: advisory is not one of mandatory",
		`{"all": "remediate"}`:                                    "all: only policies that can fix violations have the level remediate",
		`{"rds-backup-retention": {"days": 7}, "all": "disable"}`: `"all": "disable" is not a valid enforcement level`,
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			o := previewConfigured(t, "dev", configuration(t, text), pipeline(nil))
			require.Error(t, o.Err)
			require.Contains(t, o.Log, want)
		})
	}
}

// The files shipped with the pack list its defaults.
func TestShippedConfigurationMatchesItsEnvironment(t *testing.T) {
	t.Parallel()
	broken := pipeline(func(in inputs) { in["database"]["instanceClass"] = pulumi.String("db.m7g.4xlarge") })
	for env, other := range map[string]string{"prod": "dev", "dev": "prod"} {
		file, err := filepath.Abs(filepath.Join("..", "..", "policy", "config."+env+".json"))
		require.NoError(t, err)
		want := preview(t, env, broken).mandatory()
		got := previewConfigured(t, other, file, broken).mandatory()
		for i := range got {
			got[i] = strings.TrimSuffix(got[i], "policy-test-"+other)
		}
		for i := range want {
			want[i] = strings.TrimSuffix(want[i], "policy-test-"+env)
		}
		slices.Sort(want)
		slices.Sort(got)
		require.NotEmpty(t, want)
		require.Equal(t, want, got, "%s, with any environment of the stack", env)
	}
}
