package config

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// refuses checks that a key's value is refused.
func refuses(t *testing.T, key, value string) {
	t.Helper()
	_, err := Load("dev", Map{key: value})
	require.ErrorContains(t, err, "store-events:"+key+": ", value)
	for _, p := range problems(t, err) {
		require.Equal(t, key, p.Key)
	}
}

func takes(t *testing.T, settings Map) {
	t.Helper()
	_, err := Load("dev", settings)
	require.NoError(t, err, settings)
}

func TestReservedNamesAreRefused(t *testing.T) {
	for _, name := range []string{"mysql", "information_schema", "performance_schema", "sys", "innodb", "Sys"} {
		refuses(t, "databaseName", name)
	}
	for _, name := range []string{"rdsadmin", "rdsrepladmin", "rdsproxyadmin", "root", "admin", "administrator", "mysql", "master", "user", "Admin"} {
		refuses(t, "databaseUser", name)
	}
	for _, word := range []string{"order", "Groups", "system", "manual", "zerofill"} {
		refuses(t, "databaseName", word)
		refuses(t, "databaseUser", word)
	}
	takes(t, Map{"databaseName": "orders", "databaseUser": "loader"})
	for _, name := range []string{"xn--events", "sthree-events", "amzn-s3-demo-events", "events-s3alias", "events--ol-s3", "events--x-s3", "events--table-s3", "events-an"} {
		refuses(t, "bucketName", name)
	}
	for _, name := range []string{"events", "my-xn--events", "my-s3alias-events", "an-events", "a1b"} {
		takes(t, Map{"bucketName": name})
	}
	for _, table := range []string{"etl_batches", "etl_objects", "etl_runs", "etl_collisions", "etl_migration", "etl_retired"} {
		refuses(t, "targetTable", table)
	}
}

// The retention periods that CloudWatch Logs accepts, and their neighbors.
func TestLogRetentions(t *testing.T) {
	for _, days := range []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653} {
		takes(t, Map{"logRetentionDays": strconv.Itoa(days)})
		if days > 1 {
			refuses(t, "logRetentionDays", strconv.Itoa(days+1))
		}
	}
}

func TestStackNamesFitIntoResourceNames(t *testing.T) {
	require.NoError(t, CheckStack(strings.Repeat("a", 24)))
	require.Error(t, CheckStack(strings.Repeat("a", 25)))
}

func TestEdgesOfRanges(t *testing.T) {
	for key, edges := range map[string][4]string{
		"databasePort":            {"1150", "65535", "1149", "65536"},
		"databaseStorageGiB":      {"20", "65536", "19", "65537"},
		"databaseBackupDays":      {"0", "35", "-1", "36"},
		"secretRotationDays":      {"0", "1000", "-1", "1001"},
		"jobTimeoutMinutes":       {"1", "10079", "0", "10080"},
		"jobMaxRetries":           {"0", "10", "-1", "11"},
		"jobCommitRows":           {"1000", "10000000", "999", "10000001"},
		"jobMaxInvalidShare":      {"0", "1", "-0.1", "1.1"},
		"jobMaxUnread":            {"0", "1000000", "-1", "1000001"},
		"fullListingHours":        {"1", "720", "0", "721"},
		"triggerWindowSeconds":    {"1", "300", "0", "301"},
		"triggerBatch":            {"1", "10000", "0", "10001"},
		"ledgerDays":              {"1", "3650", "0", "3651"},
		"producerSeconds":         {"0.1", "840", "0.09", "841"},
		"producerEvents":          {"0", "1000000000", "-1", "1000000001"},
		"producerRate":            {"0", "10000000", "-1", "10000001"},
		"producerIncompleteShare": {"0", "1", "-0.1", "1.1"},
		"producerBatch":           {"1", "50000", "0", "50001"},
		"producerMemoryMiB":       {"128", "10240", "127", "10241"},
		"athenaScanLimitMiB":      {"10", "10485760", "9", "10485761"},
		"monthlyBudgetUsd":        {"0", "1000000", "-1", "1000001"},
		"alarmLateHours":          {"0", "168", "-1", "169"},
		"alarmQuarantineShare":    {"0", "1", "-0.1", "1.1"},
		"alarmVolumeFactor":       {"1.1", "1000", "1", "1001"},
		"alarmSilentHours":        {"0", "168", "-1", "169"},
		"databaseMaxStorageGiB":   {"22", "65536", "21", "65537"},
	} {
		for i, value := range edges {
			settings := Map{key: value}
			if key == "databaseStorageGiB" {
				settings["databaseMaxStorageGiB"] = "0" // Without growth.
			}
			if i < 2 {
				takes(t, settings)
				continue
			}
			_, err := Load("dev", settings)
			require.ErrorContains(t, err, "store-events:"+key+": "+value+" is not allowed")
			require.Len(t, problems(t, err), 1)
		}
	}
}

func TestEveryWorkerTypeIsAccepted(t *testing.T) {
	for _, kind := range []string{"G.1X", "G.2X", "G.4X", "G.8X", "R.1X", "R.2X", "R.4X", "R.8X"} {
		takes(t, Map{"jobWorkerType": kind})
	}
}

func TestBlocksOfEachLayer(t *testing.T) {
	for _, key := range []string{"publicSubnetCidrs", "appSubnetCidrs", "dbSubnetCidrs"} {
		refuses(t, key, `["10.10.90.0/24"]`)
		refuses(t, key, `["10.10.90.0/24","10.11.91.0/24"]`)
	}
	_, err := Load("dev", Map{"vpcCidr": "10.10.0.1/16"})
	require.ErrorContains(t, err, "use 10.10.0.0/16: the address has bits outside of the prefix")
	// A subnet may cover the whole VPC, which leaves no room for others.
	_, err = Load("dev", Map{"vpcCidr": "10.10.0.0/24", "publicSubnetCidrs": `["10.10.0.0/24"]`})
	require.NotContains(t, err.Error(), "publicSubnetCidrs: 10.10.0.0/24 is not allowed: use a CIDR block inside")
	refuses(t, "availabilityZones", `["us-east-1a","us-east-1b","us-east-1a"]`)
}

func TestSettingsThatExcludeEachOther(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	_, err := Load("dev", Map{"catalogEncryption": "true", "protectData": "true", "catalogKeyArn": key})
	require.ErrorContains(t, err, `store-events:catalogKeyArn: "`+key+`" is not allowed: use no value, because catalogEncryption is true`)
	_, err = Load("dev", Map{"protectData": "true", "databaseBackupDays": "0"})
	require.EqualError(t, err, "store-events:databaseBackupDays: 0 is not allowed: use 1 to 35, because protectData is true")
	_, err = Load("dev", Map{"catalogEncryption": "true"})
	require.ErrorContains(t, err, "store-events:catalogEncryption: true is not allowed: use false, or set protectData to true")
	_, err = Load("dev", Map{"extraColumns": "qty=int"})
	require.ErrorContains(t, err, `"qty=int" is not allowed: use fields as name=type,name=type: qty is already a column`)
}
