package mutation

import (
	"store-events/policy/aws"
	"store-events/tests/policy/recording"
)

// database changes one property of the instance.
func database(path string, v any) Change { return set(aws.DBInstance, "instance", path, v) }

var rds = []Mutation{
	{Rule: "rds-not-public", Change: database("publiclyAccessible", true)},
	{Rule: "rds-private-subnets", Also: []string{"route-private-no-igw"}, Change: set(aws.DBSubnetGroup, "subnets", "subnetIds", list{to(aws.Subnet, "public-1", "id"), to(aws.Subnet, "public-2", "id")})},
	{Rule: "rds-subnet-group-multi-az", Change: set(aws.DBSubnetGroup, "subnets", "subnetIds", list{to(aws.Subnet, "db-1", "id")})},
	{Rule: "rds-non-default-port", Fixes: true, Change: together(database("port", 13306),
		set(aws.SecurityGroupIngress, "job-database-in", "fromPort", 13306), set(aws.SecurityGroupIngress, "job-database-in", "toPort", 13306),
		set(aws.SecurityGroupIngress, "consumer-database-in", "fromPort", 13306), set(aws.SecurityGroupIngress, "consumer-database-in", "toPort", 13306),
		set(aws.SecurityGroupIngress, "rotation-database-in", "fromPort", 13306), set(aws.SecurityGroupIngress, "rotation-database-in", "toPort", 13306))},
	{Rule: "rds-storage-encrypted", Replaces: true, Change: database("storageEncrypted", false)},
	{Rule: "rds-encryption-cmk", Replaces: true, Change: unset(aws.DBInstance, "instance", "kmsKeyId")},
	{Rule: "rds-tls-required", Change: set(aws.DBParameterGroup, "parameters", "parameters[0].value", "0")},
	{Rule: "rds-modern-ca", Change: database("caCertIdentifier", "rds-ca-2019")},
	{Rule: "rds-multi-az", Change: database("multiAz", false)},
	{Rule: "rds-backup-retention", Change: database("backupRetentionPeriod", 0)},
	{Rule: "rds-deletion-protection", Change: database("deletionProtection", false)},
	{Rule: "rds-final-snapshot", Change: database("skipFinalSnapshot", true)},
	{Rule: "rds-minor-upgrades", Change: database("autoMinorVersionUpgrade", false)},
	{Rule: "rds-copy-tags", Change: database("copyTagsToSnapshot", false)},
	{Rule: "rds-engine-supported", Change: database("engineVersion", "5.7")},
	{Rule: "rds-log-exports", Change: database("enabledCloudwatchLogsExports", list{"error"})},
	{Rule: "rds-log-groups-precreated", Change: remove(aws.LogGroup, "slowquery-log")},
	{Rule: "rds-enhanced-monitoring", Change: database("monitoringInterval", 0)},
	{Rule: "rds-performance-insights", Fixes: true, Change: together(database("performanceInsightsEnabled", true), database("performanceInsightsKmsKeyId", to(aws.Key, "key", "arn")))},
	{Rule: "rds-performance-insights-cmk", Change: database("performanceInsightsEnabled", true)},
	{Rule: "rds-iam-auth", Change: database("iamDatabaseAuthenticationEnabled", false)},
	{Rule: "rds-admin-username", Replaces: true, Change: database("username", "admin")},
	{Rule: "rds-password-not-literal", Change: database("password", recording.Secret{Value: "correct-horse-7"})},
	{Rule: "rds-instance-class-allowed", Change: database("instanceClass", "db.m5.large")},
	{Rule: "rds-source-known", Replaces: true, Change: database("snapshotIdentifier", "old")},
	{Rule: "rds-option-group-known", Change: add(aws.DBOptionGroup, "options", object{
		"engineName": "mysql", "majorEngineVersion": "8.4", "options": list{object{"optionName": "MEMCACHED"}},
	})},
}
