package mutation

import "store-events/policy/aws"

func job(path string, v any) Change     { return set(aws.GlueJob, "job", path, v) }
func crawler(path string, v any) Change { return set(aws.GlueCrawler, "crawler", path, v) }

func connection(path string, v any) Change { return set(aws.GlueConnection, "connection", path, v) }

func encryption(path string, v any) Change {
	return set(aws.GlueSecurity, "encryption", "encryptionConfiguration."+path, v)
}

var glue = []Mutation{
	{Rule: "glue-connection-secret-id", Change: unset(aws.GlueConnection, "connection", "connectionProperties.SECRET_ID")},
	{Rule: "glue-job-version", Change: job("glueVersion", "3.0")},
	{Rule: "glue-connection-url-clean", Also: []string{"no-literal-credential"}, Change: connection("connectionProperties.JDBC_CONNECTION_URL", "jdbc:mysql://loader:correct-horse-7@db:3306/store_events")},
	{Rule: "glue-connection-tls", Change: connection("connectionProperties.JDBC_ENFORCE_SSL", "false")},
	{Rule: "glue-connection-network", Also: []string{"sg-glue-self-rule-only-self"}, Change: connection("physicalConnectionRequirements.securityGroupIdLists", list{to(aws.SecurityGroup, "job-group", "id"), to(aws.SecurityGroup, "database-group", "id")})},
	{Rule: "glue-job-security-configuration", Change: unset(aws.GlueJob, "job", "securityConfiguration")},
	{Rule: "glue-crawler-security-configuration", Change: unset(aws.GlueCrawler, "crawler", "securityConfiguration")},
	{Rule: "glue-secconf-cloudwatch", Change: encryption("cloudwatchEncryption", object{"cloudwatchEncryptionMode": "DISABLED"})},
	{Rule: "glue-secconf-bookmarks", Change: encryption("jobBookmarksEncryption", object{"jobBookmarksEncryptionMode": "DISABLED"})},
	{Rule: "glue-secconf-s3", Change: encryption("s3Encryption", object{"s3EncryptionMode": "SSE-S3"})},
	{Rule: "glue-catalog-encrypted", Change: remove(aws.CatalogEncryption, "catalog-encryption")},
	{Rule: "glue-catalog-connection-passwords", Change: set(aws.CatalogEncryption, "catalog-encryption", "dataCatalogEncryptionSettings.connectionPasswordEncryption.returnConnectionPasswordEncrypted", false)},
	{Rule: "glue-job-bookmark-enabled", Change: job("defaultArguments.--job-bookmark-option", "job-bookmark-disable")},
	{Rule: "glue-job-bookmark-single-run", Change: job("executionProperty.maxConcurrentRuns", 3)},
	{Rule: "glue-job-arguments-no-credential", Also: []string{"no-literal-credential"}, Change: job("defaultArguments.--tgt_db_password", "correct-horse-7")},
	{Rule: "glue-job-logging", Change: job("defaultArguments.--enable-continuous-cloudwatch-log", "false")},
	{Rule: "glue-job-bounded", Change: job("timeout", 2880)},
	{Rule: "glue-job-script-in-stack", Change: job("command.scriptLocation", "s3://somebody-elses-scripts/ingest.py")},
	{Rule: "glue-job-modules-pinned", Change: job("defaultArguments.--additional-python-modules", "requests")},
	{Rule: "glue-crawler-exclusions", Also: []string{"athena-output-in-stack"}, Change: together(crawler("s3Targets[0].path", "s3://"+eventsBucket+"/"), unset(aws.GlueCrawler, "crawler", "s3Targets[0].exclusions"))},
	{Rule: "glue-crawler-delete-behavior", Change: crawler("schemaChangePolicy.deleteBehavior", "DELETE_FROM_DATABASE")},
	{Rule: "glue-catalog-location-in-stack", Change: set(aws.CatalogTable, "curated", "storageDescriptor.location", "s3://somebody-elses-data/curated/")},
	{Rule: "glue-trigger-starts-own", Change: set(aws.GlueTrigger, "start", "actions", list{object{"jobName": "elsewhere"}})},
	{Rule: "glue-trigger-schedule-off-in-dev", Stack: "dev", Change: together(
		set(aws.GlueTrigger, "start", "type", "SCHEDULED"), set(aws.GlueTrigger, "start", "schedule", "cron(0 * * * ? *)"),
		set(aws.GlueTrigger, "start", "enabled", true))},
	{Rule: "glue-no-dev-endpoints", Change: add(aws.GlueDevEndpoint, "workbench", object{"roleArn": to(aws.Role, "job", "arn")})},
}
