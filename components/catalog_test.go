package components

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

const (
	crawlerType = "aws:glue/crawler:Crawler"
	tableType   = "aws:glue/catalogTable:CatalogTable"
	glueArn     = "arn:aws:glue:" + region + ":" + account
)

// streamObjects returns the ARN patterns of all event objects.
func streamObjects() []string {
	var arns []string
	for _, name := range schema.Load().StreamNames() {
		arns = append(arns, events+"/"+name+"/*")
	}
	return arns
}

func TestCrawlerReadsTheStreamsOnly(t *testing.T) {
	r := buildCatalog(t, settings(t).Catalog)
	crawler := r.one(crawlerType, "crawler")
	require.Equal(t, "sale_txns_crawler_test", crawler.Get(t, "name"))
	require.True(t, crawler.DeleteBeforeReplace, "the name is in use until the crawler is deleted")
	require.Equal(t, "txns_", crawler.Get(t, "tablePrefix"))
	require.Equal(t, "miztiik_sales_db_test", crawler.Get(t, "databaseName"))
	require.Equal(t, "cron(30 3 * * ? *)", crawler.Get(t, "schedule"))
	exclusions := []any{"bookmarks/**", "feed/**", "athena-results/**", "**/_temporary/**", "**/_spark_metadata/**", "**_$folder$"}
	var targets []any
	for _, name := range schema.Load().StreamNames() {
		targets = append(targets, map[string]any{"path": "s3://events-bucket/" + name + "/", "exclusions": exclusions})
	}
	require.Equal(t, targets, crawler.Get(t, "s3Targets"))
	require.JSONEq(t, `{"Version":1,"CreatePartitionIndex":false,
		"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"},"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}},
		"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":2}}`, crawler.Get(t, "configuration").(string))
	require.Equal(t, map[string]any{"updateBehavior": "UPDATE_IN_DATABASE", "deleteBehavior": "LOG"}, crawler.Get(t, "schemaChangePolicy"))
	require.Equal(t, "CRAWL_EVERYTHING", crawler.Get(t, "recrawlPolicy", "recrawlBehavior"))
	require.Equal(t, r.ARN(r.one("aws:iam/role:Role", "crawler")), crawler.Get(t, "role"))
}

func TestCrawlerWithoutASchedule(t *testing.T) {
	r := buildScheduledCatalog(t, settings(t).Catalog, "")
	require.Nil(t, r.one(crawlerType, "crawler").Get(t, "schedule"))
}

func TestCrawlerPolicy(t *testing.T) {
	policy := buildCatalog(t, settings(t).Catalog).role("crawler")
	require.Equal(t, []string{events}, policy["ListBucket"].Resource)
	require.Empty(t, policy["ListBucket"].Condition, "HeadBucket has no prefix")
	require.Equal(t, []string{"s3:GetObject"}, policy["ReadEvents"].Action)
	require.Equal(t, streamObjects(), policy["ReadEvents"].Resource)
	require.Equal(t, []string{glueArn + ":catalog", glueArn + ":database/miztiik_sales_db_test", glueArn + ":table/miztiik_sales_db_test/*"}, policy["WriteCatalog"].Resource)
	for _, action := range []string{"glue:CreateTable", "glue:UpdateTable", "glue:BatchCreatePartition"} {
		require.Contains(t, policy["WriteCatalog"].Action, action)
	}
	require.NotContains(t, policy["WriteCatalog"].Action, "glue:DeleteTable")
	require.Len(t, policy, 6)
}

// Glue creates a missing group with this name, without retention.
func TestCrawlerHasALogGroup(t *testing.T) {
	r := buildCatalog(t, settings(t).Catalog)
	log, name := r.one("aws:cloudwatch/logGroup:LogGroup", "crawler-log"), "/aws-glue/crawlers-role/test-crawler-test"
	require.Equal(t, name, log.Get(t, "name"))
	require.Equal(t, "test", r.one(crawlerType, "crawler").Get(t, "securityConfiguration"))
	require.True(t, r.one(crawlerType, "crawler").WaitsFor(log))
	arn := "arn:aws:logs:" + region + ":" + account + ":log-group:" + name
	require.Equal(t, []string{arn, arn + ":*"}, r.role("crawler")["WriteGlueLogs"].Resource)
	require.Equal(t, []string{
		"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey", "logs:DescribeLogStreams",
	}, r.role("crawler")["WriteGlueLogs"].Action)
}

func TestSecurityConfigurationEncryptsEverything(t *testing.T) {
	require.Equal(t, map[string]any{
		"cloudwatchEncryption":   map[string]any{"cloudwatchEncryptionMode": "SSE-KMS", "kmsKeyArn": keyArn},
		"jobBookmarksEncryption": map[string]any{"jobBookmarksEncryptionMode": "CSE-KMS", "kmsKeyArn": keyArn},
		"s3Encryption":           map[string]any{"s3EncryptionMode": "SSE-KMS", "kmsKeyArn": keyArn},
	}, buildCatalog(t, settings(t).Catalog).one("aws:glue/securityConfiguration:SecurityConfiguration", "encryption").Get(t, "encryptionConfiguration"))
}

func TestCatalogEncryption(t *testing.T) {
	const kind = "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings"
	s := settings(t).Catalog
	require.Empty(t, buildCatalog(t, s).all(kind))
	s.Encryption = true
	require.Equal(t, map[string]any{
		"encryptionAtRest":             map[string]any{"catalogEncryptionMode": "SSE-KMS", "sseAwsKmsKeyId": keyArn},
		"connectionPasswordEncryption": map[string]any{"returnConnectionPasswordEncrypted": true, "awsKmsKeyId": keyArn},
	}, buildCatalog(t, s).one(kind, "catalog-encryption").Get(t, "dataCatalogEncryptionSettings"))
}

func TestRolesMayUseTheCatalogKey(t *testing.T) {
	s := settings(t).Catalog
	require.NotContains(t, buildCatalog(t, s).role("crawler"), "UseCatalogKey")
	s.KeyArn = "arn:aws:kms:eu-west-1:123456789012:key/other"
	for role, r := range map[string]recorded{"crawler": buildCatalog(t, s), "job": buildEtl(t, settings(t).Etl, s)} {
		use := r.role(role)["UseCatalogKey"]
		require.Equal(t, []string{s.KeyArn}, use.Resource)
		require.Equal(t, []string{"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"}, use.Action)
	}
}

func TestCuratedTableFollowsTheContract(t *testing.T) {
	s := settings(t).Catalog
	s.ExtraColumns = "x_channel=string(32),tax=decimal(12,2)"
	table := buildCatalog(t, s).one(tableType, "curated")
	require.Equal(t, "curated_sales_txns", table.Get(t, "name"))
	require.Equal(t, "s3://events-bucket/curated/", table.Get(t, "storageDescriptor", "location"))
	require.Equal(t, map[string]any{
		"EXTERNAL": "TRUE", "classification": "parquet", "parquet.compression": "SNAPPY", "projection.enabled": "true",
		"projection.dt.type": "date", "projection.dt.format": "yyyy-MM-dd", "projection.dt.range": "2010-01-01,NOW+31DAYS",
		"projection.dt.interval": "1", "projection.dt.interval.unit": "DAYS", "storage.location.template": "s3://events-bucket/curated/dt=${dt}/",
	}, table.Get(t, "parameters"))
	var got, want [][2]any
	for _, c := range table.Get(t, "storageDescriptor", "columns").([]any) {
		column := c.(map[string]any)
		got = append(got, [2]any{column["name"], column["type"]})
	}
	for _, f := range schema.Load().Fields {
		want = append(want, [2]any{f.Name, f.GlueType()})
	}
	require.Equal(t, append(want, [2]any{"x_channel", "string"}, [2]any{"tax", "decimal(12,2)"}, [2]any{"extra", "string"}), got)
}

func TestManifestTableIsOverTheRunsOfTheJob(t *testing.T) {
	table := buildCatalog(t, settings(t).Catalog).one(tableType, "manifest")
	require.Equal(t, "etl_manifest", table.Get(t, "name"))
	require.Equal(t, "s3://events-bucket/bookmarks/loader/runs/", table.Get(t, "storageDescriptor", "location"))
	require.Len(t, table.Get(t, "storageDescriptor", "columns"), len(schema.Load().Manifest.Columns))
}

// Athena needs these properties of a table.
func TestFormatsOfTheTables(t *testing.T) {
	r := buildCatalog(t, settings(t).Catalog)
	database := r.one("aws:glue/catalogDatabase:CatalogDatabase", "database")
	require.Equal(t, "miztiik_sales_db_test", database.Get(t, "name"))
	require.Equal(t, "s3://events-bucket/", database.Get(t, "locationUri"))
	for name, want := range map[string][3]string{
		"curated": {
			"org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat", "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
			"org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
		},
		"manifest": {
			"org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
			"org.openx.data.jsonserde.JsonSerDe",
		},
	} {
		table := r.one(tableType, name)
		require.Equal(t, "miztiik_sales_db_test", table.Get(t, "databaseName"))
		require.Equal(t, "EXTERNAL_TABLE", table.Get(t, "tableType"))
		got := [3]string{}
		got[0], _ = table.Get(t, "storageDescriptor", "inputFormat").(string)
		got[1], _ = table.Get(t, "storageDescriptor", "outputFormat").(string)
		got[2], _ = table.Get(t, "storageDescriptor", "serDeInfo", "serializationLibrary").(string)
		require.Equal(t, want, got, name)
		for _, c := range table.Get(t, "storageDescriptor", "columns").([]any) {
			require.NotEmpty(t, c.(map[string]any)["comment"])
		}
	}
	require.Equal(t, map[string]any{"EXTERNAL": "TRUE", "classification": "json"}, r.one(tableType, "manifest").Get(t, "parameters"))
	require.Equal(t, []any{map[string]any{"name": "dt", "type": "string", "comment": "Day of the event, UTC"}}, r.one(tableType, "curated").Get(t, "partitionKeys"))
	for i, c := range schema.Load().Manifest.Columns {
		column := r.one(tableType, "manifest").Get(t, "storageDescriptor", "columns").([]any)[i].(map[string]any)
		require.Equal(t, map[string]any{"name": c.Name, "type": c.Type, "comment": c.Description}, column)
	}
}
