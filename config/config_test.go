package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDefaultsAreValid(t *testing.T) {
	c, err := Load("dev", Map{})
	require.NoError(t, err)
	want := Default()
	want.name("dev")
	require.Equal(t, want, c)
}

func TestNamesDifferByStackUnlessSet(t *testing.T) {
	names := func(stack string, settings Map) []string {
		c, err := Load(stack, settings)
		require.NoError(t, err)
		return []string{c.Catalog.Database, c.Catalog.CrawlerName, c.Etl.JobName}
	}
	require.Equal(t, []string{"miztiik_sales_db_feature_12", "sale_txns_crawler_feature_12", "s3-to-rds-ingestor-feature-12"}, names("feature-12", nil))
	require.Equal(t, []string{"sales", "finder", "loader"}, names("dev", Map{"catalogDatabase": "sales", "crawlerName": "finder", "jobName": "loader"}))
}

// TestInvalid has the invalid values.
func TestValid(t *testing.T) {
	for _, settings := range []Map{
		{"databaseStorageGiB": "100", "databaseMaxStorageGiB": "110"},
		{"databaseMaxStorageGiB": "0"},
		{"schedule": "cron(0/5 * * * ? *)"},
		{"crawlSchedule": "cron(0 4 ? * SUN *)"},
		{"crawlSchedule": "never"},
		{"natInstance": "true", "interfaceEndpoints": "false"},
		{"consumerInstanceType": "t4g.micro"},
		{"schedule": "cron(5,20-40/10 6-18/2 ? JAN,6-8 MON-FRI 2026-2030)"},
		{"schedule": "cron(0,58 0/2 L * ? *)"},
		{"schedule": "cron(59 0 15W * ? *)"},
		{"schedule": "cron(0 0 ? * 6L *)"},
		{"glueVersion": "6.0"},
		{"jobWorkers": "14"},
		{"jobWorkers": "100", "databaseInstanceClass": "db.m7g.large"},
		{"jobWorkers": "30", "jobWorkerType": "G.8X", "databaseInstanceClass": "db.r7g.xlarge"},
		{"extraColumns": "x_channel=string(32),tax=decimal(38,30)"},
		{"alertEmail": "ops@example.com"},
		{"permissionsBoundaryArn": "arn:aws:iam::123456789012:policy/github-store-events-dev-boundary"},
		{"catalogKeyArn": "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"},
	} {
		_, err := Load("dev", settings)
		require.NoError(t, err, settings)
	}
}

func TestMinorUpgradesAreAutomaticUnlessPinned(t *testing.T) {
	require.True(t, Database{EngineVersion: "8.4"}.MinorUpgrades())
	require.False(t, Database{EngineVersion: "8.4.3"}.MinorUpgrades())
}

func TestTriggers(t *testing.T) {
	for settings, want := range map[[2]string][2]bool{ // On a schedule, and by new objects.
		{"schedule", "true"}: {true, false}, {"events", "true"}: {false, true}, {"both", "true"}: {true, true}, {"both", "false"}: {false, true},
	} {
		c, err := Load("dev", Map{"trigger": settings[0], "scheduleEnabled": settings[1]})
		require.NoError(t, err)
		require.Equal(t, want, [2]bool{c.Etl.Scheduled(), c.Etl.Triggered()}, settings)
	}
}

func TestCrawlerSchedule(t *testing.T) {
	for want, settings := range map[string]Map{
		"cron(0 4 ? * SUN *)": {"crawlSchedule": "cron(0 4 ? * SUN *)", "scheduleEnabled": "true"},
		"":                    {"crawlSchedule": "never", "scheduleEnabled": "true"},
	} {
		c, err := Load("dev", settings)
		require.NoError(t, err)
		require.Equal(t, want, c.CrawlSchedule())
	}
	c, err := Load("dev", Map{"crawlSchedule": "cron(0 4 ? * SUN *)", "scheduleEnabled": "false"})
	require.NoError(t, err)
	require.Empty(t, c.CrawlSchedule())
}

func TestProcessorsOfInstanceTypes(t *testing.T) {
	for name, graviton := range map[string]bool{"t4g.micro": true, "m7g.large": true, "t3.micro": false, "m6a.large": false} {
		require.Equal(t, graviton, Consumer{InstanceType: name}.Graviton(), name)
	}
}

func TestEveryKindOfValueIsRead(t *testing.T) {
	c, err := Load("dev", Map{
		"databaseName": "shop", "databasePort": "13306", "databaseMultiAz": "true",
		"producerIncompleteShare": "0.25", "appSubnetCidrs": `["10.10.30.0/24","10.10.31.0/24"]`,
	})
	require.NoError(t, err)
	require.Equal(t, "shop", c.Database.Name)
	require.Equal(t, 13306, c.Database.Port)
	require.True(t, c.Database.MultiAz)
	require.InDelta(t, 0.25, c.Producer.IncompleteShare, 0)
	require.Equal(t, []string{"10.10.30.0/24", "10.10.31.0/24"}, c.Network.AppSubnetCidrs)
}

// Each case has one invalid key. The message names the key, its value and what is allowed.
func TestInvalid(t *testing.T) {
	for _, tc := range []struct{ key, value, allowed string }{
		{"vpcCidr", "10.10.0.0", "an IPv4 CIDR block"},
		{"vpcCidr", "fd00::/48", "an IPv4 CIDR block"},
		{"dbSubnetCidrs", `["10.10.20.0/24"]`, "2 CIDR blocks"},
		{"dbSubnetCidrs", `["10.10.20.0/24","10.10.0.128/25"]`, "does not overlap 10.10.0.0/24 of publicSubnetCidrs"},
		{"dbSubnetCidrs", `["10.10.20.0/24","10.10.20.0/28"]`, "does not overlap 10.10.20.0/24 of dbSubnetCidrs"},
		{"dbSubnetCidrs", `["10.10.20.0/24","10.11.21.0/24"]`, "inside vpcCidr 10.10.0.0/16"},
		{"dbSubnetCidrs", `["10.10.20.0/24","10.10.21.0/29"]`, "/16 to /28"},
		{"dbSubnetCidrs", `["10.10.20.0/24","10.10.21.1/24"]`, "10.10.21.0/24"},
		{"dbSubnetCidrs", `10.10.20.0/24`, "a list of strings"},
		{"availabilityZones", `["us-east-1a"]`, "2 different availability zones, or no value"},
		{"availabilityZones", `["us-east-1a","us-east-1a"]`, "2 different availability zones, or no value"},
		{"availabilityZones", `["use1-az1","us-east-1b"]`, "such as us-east-1a"},
		{"natGateways", "3", "one of 0, 1, 2"},
		{"natGateways", "-1", "one of 0, 1, 2"},
		{"natGateways", "two", "one of 0, 1, 2"},
		{"databasePort", "three", "1150 to 65535"},
		{"producerIncompleteShare", "some", "0 to 1"},
		{"interfaceEndpoints", "false", "set natGateways to 1 or 2"},
		{"interfaceEndpoints", "no", "true or false"},
		{"logRetentionDays", "10", "one of 1, 3, 5, 7, 14, 30"},
		{"logRetentionDays", "0", "one of 1, 3, 5, 7, 14, 30"},
		{"dataClassification", "secret", "one of public, internal, confidential, restricted"},
		{"bucketName", "Events", "lower-case"},
		{"bucketName", "ev", "3 to 63"},
		{"bucketName", "my.events", "hyphens"},
		{"bucketName", "xn--events", "reserves"},
		{"bucketName", "events-s3alias", "reserves"},
		{"existingBucket", "Events", "the name of a bucket"},
		{"existingBucketKeyArn", "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", "set existingBucket"},
		{"databaseName", "store-events", "underscores"},
		{"databaseName", "MySQL", "not a system schema of MySQL"},
		{"databaseUser", "root", "not a reserved"},
		{"databaseUser", "seventeen_letters", "1 to 16"},
		{"databasePort", "80", "1150 to 65535"},
		{"databaseInstanceClass", "db.t4g.nano", "db.t4g.micro"},
		{"databaseInstanceClass", "db.m7g.micro", "db.m7g.large"},
		{"databaseInstanceClass", "t4g.micro", "db.t4g.micro"},
		{"databaseInstanceClass", "db.t2.micro", "db.t4g.micro"},
		{"databaseEngineVersion", "8.0.40", "support for 8.0 has ended"},
		{"databaseStorageGiB", "10", "20 to 65536"},
		{"databaseMaxStorageGiB", "20", "at least 110 % of databaseStorageGiB (22)"},
		{"databaseMaxStorageGiB", "21", "at least 110 % of databaseStorageGiB (22)"},
		{"databaseMaxStorageGiB", "65537", "at most 65536"},
		{"databaseMaxStorageGiB", "much", "at most 65536"},
		{"databaseBackupDays", "36", "0 to 35"},
		{"databaseMonitoringSeconds", "20", "one of 0, 1, 5"},
		{"secretRotationDays", "1001", "0 to 1000"},
		{"catalogDatabase", "Sales", "lower-case"},
		{"crawlerName", "sales crawler", "hyphens"},
		{"crawlerTablePrefix", "1_", "not beginning with a digit"},
		{"jobName", "-job", "not beginning with a hyphen"},
		{"glueVersion", "5.0", `"5.1" or "6.0", in quotes`},
		{"glueVersion", "6", `"5.1" or "6.0", in quotes`},
		{"jobWorkerType", "Standard", "one of G.1X"},
		{"jobWorkers", "1", "2 to 100"},
		{"jobWorkers", "15", "at most 14 workers of jobWorkerType G.1X with databaseInstanceClass db.t4g.micro"},
		{"jobTimeoutMinutes", "0", "1 to 10079"},
		{"jobMaxRetries", "11", "0 to 10"},
		{"targetTable", "sales-txns", "underscores"},
		{"jobCommitRows", "0", "1000 to 10000000"},
		{"jobMaxInvalidShare", "2", "0 to 1"},
		{"ledgerDays", "0", "1 to 3650"},
		{"extraColumns", "qty=int", "qty is already a column"},
		{"extraColumns", "tax=number", "name=type"},
		{"extraColumns", "tax=decimal(60,2)", "1 to 38 digits"},
		{"extraColumns", "note=string(9999),memo=string(9999)", "use at most 65535"},
		{"extraColumns", "batch_id=bigint", "batch_id is already a column"},
		{"extraColumns", "n" + strings.Repeat("a", 64) + "=int", "name=type"},
		{"permissionsBoundaryArn", "boundary", "the ARN of an IAM policy"},
		{"catalogKeyArn", "alias/catalog", "the ARN of a KMS key"},
		{"catalogEncryption", "true", "set protectData to true"},
		{"targetTable", "ETL_batches", "ledger"},
		{"schedule", "rate(1 hour)", "cron("},
		{"crawlSchedule", "rate(1 day)", "never, or cron("},
		{"crawlSchedule", "off", "never, or cron("},
		{"schedule", "cron(0 * * * *)", "cron("},
		{"schedule", "cron(0 * * * * *)", "exactly one of the two days"},
		{"schedule", "cron(0 * ? * ? *)", "exactly one of the two days"},
		{"schedule", "cron(x * * * ? *)", "cron("},
		{"schedule", "cron(*/1 * * * ? *)", "at least 5 minutes"},
		{"schedule", "cron(* * * * ? *)", "at least 5 minutes"},
		{"schedule", "cron(0/4 0 * * ? *)", "at least 5 minutes"},
		{"schedule", "cron(0,58 * * * ? *)", "at least 5 minutes"},
		{"schedule", "cron(0,58 23,0 * * ? *)", "at least 5 minutes"},
		{"schedule", "cron(60 * * * ? *)", "minutes from 0 to 59"},
		{"schedule", "cron(0/0 * * * ? *)", "minutes from 0 to 59"},
		{"schedule", "cron(30-10 * * * ? *)", "minutes from 0 to 59"},
		{"schedule", "cron(0 24 * * ? *)", "hours from 0 to 23"},
		{"schedule", "cron(0 0 32 * ? *)", "day-of-month from 1 to 31"},
		{"schedule", "cron(0 0 0W * ? *)", "day-of-month from 1 to 31"},
		{"schedule", "cron(0 0 1,? * ? *)", "day-of-month from 1 to 31"},
		{"schedule", "cron(0 0 * 13 ? *)", "month from 1 to 12"},
		{"schedule", "cron(0 0 * Jan ? *)", "month from 1 to 12"},
		{"schedule", "cron(0 0 ? * 0 *)", "day-of-week from 1 to 7"},
		{"schedule", "cron(0 0 ? * MON#2 *)", "day-of-week from 1 to 7"},
		{"schedule", "cron(0 0 * * ? 1969)", "year from 1970 to 2199"},
		{"producerSeconds", "0", "0.1 to 840"},
		{"producerSeconds", "NaN", "0.1 to 840"},
		{"producerEvents", "-1", "0 to 1000000000"},
		{"producerRate", "-1", "0 to 10000000"},
		{"producerIncompleteShare", "1.1", "0 to 1"},
		{"producerBatch", "0", "1 to 50000"},
		{"producerMemoryMiB", "64", "128 to 10240"},
		{"consumerInstanceType", "t4g.tiny", "such as t4g.micro"},
		{"athenaScanLimitMiB", "9", "10 to"},
		{"alertEmail", "stores", "an e-mail address"},
		{"alertEmail", "Name <a@example.com>", "without a name"},
		{"alertEmail", "<a@example.com>", "without a name"},
		{"monthlyBudgetUsd", "-1", "0 to 1000000"},
		{"alarmQuarantineShare", "2", "0 to 1"},
		{"alarmVolumeFactor", "1", "1.1 to 1000"},
		{"lineageUrl", "https://lineage.example.com", "the job can reach AWS only"},
		{"trigger", "hourly", "one of schedule, events, both"},
	} {
		t.Run(tc.key+"="+tc.value, func(t *testing.T) {
			_, err := Load("dev", Map{tc.key: tc.value})
			require.Error(t, err)
			for _, p := range problems(t, err) {
				require.Equal(t, tc.key, p.Key)
			}
			require.ErrorContains(t, err, "store-events:"+tc.key+": ")
			require.ErrorContains(t, err, tc.allowed)
			if tc.value[0] != '[' {
				require.ErrorContains(t, err, tc.value, "the value is shown as it was given")
			}
		})
	}
}

func TestAllInvalidValuesAreReported(t *testing.T) {
	_, err := Load("dev", Map{
		"vpcCidr": "10.10.0.0/8", "natGateways": "three", "databaseStorageGiB": "big", "producerGzip": "yes", "databaseInstanceClass": "huge",
		"logRetentionDays": "2", "catalogDatabase": "Sales", "protectData": "true", "databaseBackupDays": "0",
	})
	var keys []string
	for _, p := range problems(t, err) {
		keys = append(keys, p.Key)
	}
	require.ElementsMatch(t, []string{
		"vpcCidr", "natGateways", "databaseStorageGiB", "producerGzip",
		"databaseInstanceClass", "logRetentionDays", "catalogDatabase", "databaseBackupDays",
	}, keys)
}

// problems returns the findings in a joined error; each must be a Problem.
func problems(t *testing.T, err error) []Problem {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		var p Problem
		require.ErrorAs(t, err, &p)
		return []Problem{p}
	}
	var out []Problem
	for _, e := range joined.Unwrap() {
		out = append(out, problems(t, e)...)
	}
	return out
}

func TestStackNames(t *testing.T) {
	for _, name := range []string{"local", "dev", "prod", "feature-12"} {
		require.NoError(t, CheckStack(name))
	}
	for _, name := range []string{"", "Dev", "my_stack", "a--b", "-a", "a-", "1a", "a-stack-with-a-name-too-long"} {
		require.ErrorContains(t, CheckStack(name), "lower-case", name)
	}
}

func TestUnknownKeysAreRefused(t *testing.T) {
	require.NoError(t, CheckKeys([]string{"aws:region", "store-events:natGateways"}))
	require.ErrorContains(t, CheckKeys([]string{"store-events:natGateway"}), "store-events:natGateway: no such setting")
}
