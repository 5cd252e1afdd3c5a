package program

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

// objects are the uploaded files: address in the bucket -> path on this machine.
func (s stack) objects(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, o := range s.all("aws:s3/bucketObjectv2:BucketObjectv2") {
		address := fmt.Sprintf("s3://%s/%s", o.get(t, "bucket"), o.get(t, "key"))
		out[address] = o.get(t, "source").(string)
	}
	return out
}

func TestJobRunsTheUploadedFiles(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		job := s.one("aws:glue/job:Job", "")
		uploaded := s.objects(t)
		scriptURL := job.get(t, "command", "scriptLocation").(string)
		require.Equal(t, "s3_to_rds_ingestor.py", path.Base(uploaded[scriptURL]))
		arguments := job.get(t, "defaultArguments").(map[string]any)
		libraries := strings.Split(arguments["--extra-py-files"].(string), ",")
		require.Len(t, libraries, 2)
		require.True(t, strings.HasSuffix(uploaded[libraries[0]], "/bin/store_events.zip"))
		require.Regexp(t, `/bin/pymysql-.*\.zip$`, uploaded[libraries[1]])
		for _, library := range libraries {
			require.Equal(t, ".zip", path.Ext(library), "executors import no other kind")
		}
		require.Len(t, uploaded, 4)
		authorities := arguments["--"+schema.Load().JobArguments.Authorities].(string)
		require.Equal(t, s.outputs["DatabaseCa"], authorities)
		require.True(t, strings.HasSuffix(uploaded[authorities], "/amazon-rds.pem"), uploaded[authorities])
	})
}

func TestJobArguments(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		job := s.one("aws:glue/job:Job", "")
		arguments := job.get(t, "defaultArguments").(map[string]any)
		connection := s.one("aws:glue/connection:Connection", "")
		bucket := s.outputs["StoreEventsBucket"]
		own := schema.Load().JobArguments
		for name, want := range map[string]any{
			own.SourceDatabase: s.config.Catalog.Database, own.SourceBucket: bucket, own.TablePrefix: "txns_",
			own.SecretARN: s.outputs["LoaderSecretArn"], own.TargetTable: "sales_txns_tbl",
			own.Connection:        connection.get(t, "name"),
			"job-bookmark-option": "job-bookmark-enable", "TempDir": fmt.Sprintf("s3://%s/bookmarks/temporary/", bucket),
			"enable-continuous-cloudwatch-log": "true", "enable-metrics": "true",
			schema.Load().JobOptions.CommitRows: "500000", schema.Load().JobOptions.MaxBadShare: "1",
			schema.Load().JobOptions.LedgerDays: "90", schema.Load().JobOptions.MaxUnread: "0",
			"custom-logGroup-prefix": "/aws-glue/jobs/store-events-" + s.name,
		} {
			require.Equal(t, want, arguments["--"+name], name)
		}
		require.NotContains(t, arguments, "--continuous-log-logGroup", "Glue 5 does not know it")
	})
}

func TestJobIsBounded(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		job := s.one("aws:glue/job:Job", "")
		require.Equal(t, "5.1", job.get(t, "glueVersion"))
		require.InDelta(t, 1, job.get(t, "executionProperty", "maxConcurrentRuns"), 0)
		require.InDelta(t, s.config.Etl.Workers, job.get(t, "numberOfWorkers"), 0)
		require.InDelta(t, s.config.Etl.TimeoutMinutes, job.get(t, "timeout"), 0)
		require.InDelta(t, s.config.Etl.MaxRetries, job.get(t, "maxRetries"), 0)
		require.Equal(t, []any{s.one("aws:glue/connection:Connection", "").get(t, "name")}, job.get(t, "connections"))
		require.Equal(t, arn(s.one("aws:iam/role:Role", "-job")), job.get(t, "roleArn"))
		configuration := s.one("aws:glue/securityConfiguration:SecurityConfiguration", "")
		require.Equal(t, configuration.get(t, "name"), job.get(t, "securityConfiguration"))
		key := arn(s.one("aws:kms/key:Key", ""))
		for _, part := range []string{"cloudwatchEncryption", "jobBookmarksEncryption", "s3Encryption"} {
			require.Equal(t, key, configuration.get(t, "encryptionConfiguration", part, "kmsKeyArn"))
		}
	})
}

func TestConnectionReachesTheDatabaseWithItsSecret(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		c := s.one("aws:glue/connection:Connection", "")
		properties := c.get(t, "connectionProperties")
		if hidden, ok := properties.(secret); ok {
			properties = hidden.value
		}
		require.Equal(t, map[string]any{
			"SECRET_ID":           s.secretArn("loader"),
			"JDBC_ENFORCE_SSL":    "true",
			"JDBC_CONNECTION_URL": "jdbc:mysql://db.internal:3306/store_events",
		}, properties)
		subnet := s.one("aws:ec2/subnet:Subnet", "-app-1")
		require.Equal(t, map[string]any{
			"subnetId":             id(subnet),
			"availabilityZone":     subnet.get(t, "availabilityZone"),
			"securityGroupIdLists": []any{id(s.one("aws:ec2/securityGroup:SecurityGroup", "-job-group"))},
		}, c.get(t, "physicalConnectionRequirements"))
	})
}

func TestWorkflowCrawlsThenLoads(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		crawler := s.one("aws:glue/crawler:Crawler", "")
		require.Nil(t, crawler.get(t, "schedule"), "the workflow starts it")
		flow := s.one("aws:glue/workflow:Workflow", "").get(t, "name")

		start := s.one("aws:glue/trigger:Trigger", "-start")
		if s.config.Etl.ScheduleEnabled {
			require.Equal(t, "SCHEDULED", start.get(t, "type"))
			require.Equal(t, "cron(0 * * * ? *)", start.get(t, "schedule"))
		} else {
			require.Equal(t, "ON_DEMAND", start.get(t, "type"), "only an activated schedule could start a run")
			require.Nil(t, start.get(t, "schedule"))
		}
		require.Equal(t, s.config.Etl.ScheduleEnabled, start.get(t, "enabled"), "one on demand that is enabled fires when it is made")
		require.Equal(t, flow, start.get(t, "workflowName"))
		require.Equal(t, []any{map[string]any{"crawlerName": s.config.Catalog.CrawlerName}}, start.get(t, "actions"))

		crawled := s.one("aws:glue/trigger:Trigger", "-crawled")
		require.Equal(t, "CONDITIONAL", crawled.get(t, "type"))
		require.Equal(t, flow, crawled.get(t, "workflowName"))
		require.Equal(t, []any{map[string]any{"jobName": s.config.Etl.JobName}}, crawled.get(t, "actions"))
		condition := crawled.get(t, "predicate", "conditions").([]any)[0].(map[string]any)
		require.Equal(t, s.config.Catalog.CrawlerName, condition["crawlerName"])
		require.Equal(t, "SUCCEEDED", condition["crawlState"])
	})
}

func TestCrawlerSeesTheEventsOnly(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		crawler := s.one("aws:glue/crawler:Crawler", "")
		require.Equal(t, "txns_", crawler.get(t, "tablePrefix"))
		require.Equal(t, s.config.Catalog.Database, crawler.get(t, "databaseName"))
		var paths []any
		for _, target := range crawler.get(t, "s3Targets").([]any) {
			paths = append(paths, target.(map[string]any)["path"])
			require.Contains(t, target.(map[string]any)["exclusions"], "bookmarks/**")
		}
		bucket := s.outputs["StoreEventsBucket"].(string)
		require.Equal(t, []any{"s3://" + bucket + "/sale_events/", "s3://" + bucket + "/inventory_events/"}, paths)
		require.JSONEq(t, `{"Version":1,"CreatePartitionIndex":false,
			"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"},"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}},
			"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":2}}`, crawler.get(t, "configuration").(string))
	})
}

func TestCuratedTableFollowsTheContract(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		table := s.one("aws:glue/catalogTable:CatalogTable", "-curated")
		bucket := s.outputs["StoreEventsBucket"].(string)
		require.Equal(t, "s3://"+bucket+"/curated/", table.get(t, "storageDescriptor", "location"))
		require.Equal(t, "s3://"+bucket+"/curated/dt=${dt}/", table.get(t, "parameters", "storage.location.template"))
		require.Equal(t, "2010-01-01,NOW+31DAYS", table.get(t, "parameters", "projection.dt.range"))
		columns := table.get(t, "storageDescriptor", "columns").([]any)
		fields := schema.Load().Fields
		require.Len(t, columns, len(fields)+1)
		for i, f := range fields {
			column := columns[i].(map[string]any)
			require.Equal(t, f.Name, column["name"])
			require.Equal(t, f.GlueType(), column["type"])
		}
		require.Equal(t, "extra", columns[len(fields)].(map[string]any)["name"])
	})
}

func TestManifestTableIsOverTheRunsOfTheJob(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		table := s.one("aws:glue/catalogTable:CatalogTable", "-manifest")
		require.Equal(t, "etl_manifest", table.get(t, "name"))
		job := s.one("aws:glue/job:Job", "").get(t, "name").(string)
		require.Equal(t, "s3://"+s.outputs["StoreEventsBucket"].(string)+"/bookmarks/"+job+"/runs/", table.get(t, "storageDescriptor", "location"))
		require.Len(t, table.get(t, "storageDescriptor", "columns"), len(schema.Load().Manifest.Columns))
	})
}

func TestProducer(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		f := s.one("aws:lambda/function:Function", "-producer")
		require.Equal(t, "provided.al2023", f.get(t, "runtime"))
		require.True(t, strings.HasSuffix(f.get(t, "code").(string), "/bin/producer.zip"))
		require.Equal(t, arn(s.one("aws:iam/role:Role", "-producer")), f.get(t, "role"))
		require.Equal(t, map[string]any{
			"STORE_EVENTS_BUCKET": s.outputs["StoreEventsBucket"], "STORE_EVENTS_SECONDS": "2", "STORE_EVENTS_COUNT": "0",
			"STORE_EVENTS_RATE": "1000", "STORE_EVENTS_BAD_SHARE": "0.1", "STORE_EVENTS_GZIP": "false", "STORE_EVENTS_BATCH": "1000",
		}, f.get(t, "environment", "variables"))
		require.Equal(t, "/aws/lambda/"+f.get(t, "name").(string), s.one("aws:cloudwatch/logGroup:LogGroup", "-producer-log").get(t, "name"))
	})
}

func TestWorkgroupIsEnforced(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		group := s.one("aws:athena/workgroup:Workgroup", "")
		require.Equal(t, true, group.get(t, "configuration", "enforceWorkgroupConfiguration"))
		require.InDelta(t, s.config.Analytics.ScanLimitMiB<<20, group.get(t, "configuration", "bytesScannedCutoffPerQuery"), 0)
		result := group.get(t, "configuration", "resultConfiguration").(map[string]any)
		require.Equal(t, "s3://"+s.outputs["StoreEventsBucket"].(string)+"/athena-results/", result["outputLocation"])
		require.Equal(t, map[string]any{
			"encryptionOption": "SSE_KMS", "kmsKeyArn": arn(s.one("aws:kms/key:Key", "")),
		}, result["encryptionConfiguration"])
		for _, q := range s.all("aws:athena/namedQuery:NamedQuery") {
			require.Equal(t, group.get(t, "name"), q.get(t, "workgroup"))
			require.Equal(t, s.config.Catalog.Database, q.get(t, "database"))
		}
	})
}

func TestCatalogEncryption(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		const kind = "aws:glue/dataCatalogEncryptionSettings:DataCatalogEncryptionSettings"
		if !s.config.Catalog.Encryption {
			require.Empty(t, s.all(kind))
			return
		}
		key := arn(s.one("aws:kms/key:Key", ""))
		settings := record{Inputs: s.one(kind, "").get(t, "dataCatalogEncryptionSettings").(map[string]any)}
		require.Equal(t, key, settings.get(t, "encryptionAtRest", "sseAwsKmsKeyId"))
		require.Equal(t, key, settings.get(t, "connectionPasswordEncryption", "awsKmsKeyId"))
	})
}

func TestExtraColumnsReachJobAndTable(t *testing.T) {
	settings, err := readStack("dev")
	require.NoError(t, err)
	settings["extraColumns"] = "channel=string(32),tax=decimal(12,2)"
	settings["jobCommitRows"], settings["jobMaxBadShare"] = "2000", "0.25"
	s, err := deploy("dev", settings)
	require.NoError(t, err)
	s.t = t
	options := schema.Load().JobOptions
	arguments := s.one("aws:glue/job:Job", "").get(t, "defaultArguments").(map[string]any)
	require.Equal(t, settings["extraColumns"], arguments["--"+options.ExtraColumns])
	require.Equal(t, "2000", arguments["--"+options.CommitRows])
	require.Equal(t, "0.25", arguments["--"+options.MaxBadShare])
	columns := s.one("aws:glue/catalogTable:CatalogTable", "-curated").get(t, "storageDescriptor", "columns").([]any)
	last := columns[len(columns)-3:]
	for i, want := range [][2]string{{"channel", "string"}, {"tax", "decimal(12,2)"}, {"extra", "string"}} {
		column := last[i].(map[string]any)
		require.Equal(t, want[0], column["name"])
		require.Equal(t, want[1], column["type"])
	}
}
