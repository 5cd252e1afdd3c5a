package program

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
	"store-events/program/output"
	"store-events/schema"
)

// objects are the uploaded files: address in the bucket -> path on this machine.
func (s stack) objects(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, o := range s.all("aws:s3/bucketObjectv2:BucketObjectv2") {
		address := fmt.Sprintf("s3://%s/%s", o.Get(t, "bucket"), o.Get(t, "key"))
		out[address] = o.Path(t, "source")
	}
	return out
}

func TestJobRunsTheUploadedFiles(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		job := s.one("aws:glue/job:Job", "")
		uploaded := s.objects(t)
		scriptURL := job.Get(t, "command", "scriptLocation").(string)
		require.Equal(t, "s3_to_rds_ingestor.py", path.Base(uploaded[scriptURL]))
		arguments := job.Get(t, "defaultArguments").(map[string]any)
		libraries := strings.Split(arguments["--extra-py-files"].(string), ",")
		require.Len(t, libraries, 2)
		require.True(t, strings.HasSuffix(uploaded[libraries[0]], "/bin/store_events.zip"))
		require.Regexp(t, `/bin/pymysql-.*\.zip$`, uploaded[libraries[1]])
		for _, library := range libraries {
			require.Equal(t, ".zip", path.Ext(library), "executors import no other kind")
		}
		require.Len(t, uploaded, 4)
		authorities := arguments["--"+schema.Load().JobArguments.Authorities].(string)
		require.Equal(t, s.Outputs[output.DatabaseCA], authorities)
		require.True(t, strings.HasSuffix(uploaded[authorities], "/amazon-rds.pem"), uploaded[authorities])
	})
}

func TestJobArguments(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		job := s.one("aws:glue/job:Job", "")
		arguments := job.Get(t, "defaultArguments").(map[string]any)
		connection := s.one("aws:glue/connection:Connection", "")
		bucket := s.Outputs[output.Bucket]
		own := schema.Load().JobArguments
		for name, want := range map[string]any{
			own.SourceDatabase: s.config.Catalog.Database, own.SourceBucket: bucket, own.TablePrefix: "txns_",
			own.SecretARN: s.Outputs[output.LoaderSecretArn], own.TargetTable: "sales_txns_tbl",
			own.Connection:        connection.Get(t, "name"),
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
		require.Equal(t, "5.1", job.Get(t, "glueVersion"))
		require.InDelta(t, 1, job.Get(t, "executionProperty", "maxConcurrentRuns"), 0)
		require.InDelta(t, s.config.Etl.Workers, job.Get(t, "numberOfWorkers"), 0)
		require.InDelta(t, s.config.Etl.TimeoutMinutes, job.Get(t, "timeout"), 0)
		require.InDelta(t, s.config.Etl.MaxRetries, job.Get(t, "maxRetries"), 0)
		require.Equal(t, []any{s.one("aws:glue/connection:Connection", "").Get(t, "name")}, job.Get(t, "connections"))
		require.Equal(t, s.ARN(s.one("aws:iam/role:Role", "-job")), job.Get(t, "roleArn"))
		configuration := s.one("aws:glue/securityConfiguration:SecurityConfiguration", "")
		require.Equal(t, configuration.Get(t, "name"), job.Get(t, "securityConfiguration"))
		key := s.ARN(s.one("aws:kms/key:Key", ""))
		for _, part := range []string{"cloudwatchEncryption", "jobBookmarksEncryption", "s3Encryption"} {
			require.Equal(t, key, configuration.Get(t, "encryptionConfiguration", part, "kmsKeyArn"))
		}
	})
}

func TestConnectionReachesTheDatabaseWithItsSecret(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		c := s.one("aws:glue/connection:Connection", "")
		properties := c.Get(t, "connectionProperties")
		if hidden, ok := properties.(pulumitest.Secret); ok {
			properties = hidden.Value
		}
		require.Equal(t, map[string]any{
			"SECRET_ID":           s.secretArn("loader"),
			"JDBC_ENFORCE_SSL":    "true",
			"JDBC_CONNECTION_URL": "jdbc:mysql://db.internal:3306/store_events",
		}, properties)
		subnet := s.one("aws:ec2/subnet:Subnet", "-app-1")
		require.Equal(t, map[string]any{
			"subnetId":             subnet.ID(),
			"availabilityZone":     subnet.Get(t, "availabilityZone"),
			"securityGroupIdLists": []any{s.one("aws:ec2/securityGroup:SecurityGroup", "-job-group").ID()},
		}, c.Get(t, "physicalConnectionRequirements"))
	})
}

func TestWorkflowCrawlsThenLoads(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		crawler := s.one("aws:glue/crawler:Crawler", "")
		require.Nil(t, crawler.Get(t, "schedule"), "the workflow starts it")
		flow := s.one("aws:glue/workflow:Workflow", "").Get(t, "name")

		start := s.one("aws:glue/trigger:Trigger", "-start")
		if s.config.Etl.ScheduleEnabled {
			require.Equal(t, "SCHEDULED", start.Get(t, "type"))
			require.Equal(t, "cron(0 * * * ? *)", start.Get(t, "schedule"))
		} else {
			require.Equal(t, "ON_DEMAND", start.Get(t, "type"), "only an activated schedule could start a run")
			require.Nil(t, start.Get(t, "schedule"))
		}
		require.Equal(t, s.config.Etl.ScheduleEnabled, start.Get(t, "enabled"), "one on demand that is enabled fires when it is made")
		require.Equal(t, flow, start.Get(t, "workflowName"))
		require.Equal(t, []any{map[string]any{"crawlerName": s.config.Catalog.CrawlerName}}, start.Get(t, "actions"))

		crawled := s.one("aws:glue/trigger:Trigger", "-crawled")
		require.Equal(t, "CONDITIONAL", crawled.Get(t, "type"))
		require.Equal(t, flow, crawled.Get(t, "workflowName"))
		require.Equal(t, []any{map[string]any{"jobName": s.config.Etl.JobName}}, crawled.Get(t, "actions"))
		condition := crawled.Get(t, "predicate", "conditions").([]any)[0].(map[string]any)
		require.Equal(t, s.config.Catalog.CrawlerName, condition["crawlerName"])
		require.Equal(t, "SUCCEEDED", condition["crawlState"])
	})
}

func TestCrawlerSeesTheEventsOnly(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		crawler := s.one("aws:glue/crawler:Crawler", "")
		require.Equal(t, "txns_", crawler.Get(t, "tablePrefix"))
		require.Equal(t, s.config.Catalog.Database, crawler.Get(t, "databaseName"))
		var paths []any
		for _, target := range crawler.Get(t, "s3Targets").([]any) {
			paths = append(paths, target.(map[string]any)["path"])
			require.Contains(t, target.(map[string]any)["exclusions"], "bookmarks/**")
		}
		bucket := s.Outputs[output.Bucket].(string)
		require.Equal(t, []any{"s3://" + bucket + "/sale_events/", "s3://" + bucket + "/inventory_events/"}, paths)
		require.JSONEq(t, `{"Version":1,"CreatePartitionIndex":false,
			"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"},"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}},
			"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":2}}`, crawler.Get(t, "configuration").(string))
	})
}

func TestCuratedTableFollowsTheContract(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		table := s.one("aws:glue/catalogTable:CatalogTable", "-curated")
		bucket := s.Outputs[output.Bucket].(string)
		require.Equal(t, "s3://"+bucket+"/curated/", table.Get(t, "storageDescriptor", "location"))
		require.Equal(t, "s3://"+bucket+"/curated/dt=${dt}/", table.Get(t, "parameters", "storage.location.template"))
		require.Equal(t, "2010-01-01,NOW+31DAYS", table.Get(t, "parameters", "projection.dt.range"))
		columns := table.Get(t, "storageDescriptor", "columns").([]any)
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
		require.Equal(t, "etl_manifest", table.Get(t, "name"))
		job := s.one("aws:glue/job:Job", "").Get(t, "name").(string)
		require.Equal(t, "s3://"+s.Outputs[output.Bucket].(string)+"/bookmarks/"+job+"/runs/", table.Get(t, "storageDescriptor", "location"))
		require.Len(t, table.Get(t, "storageDescriptor", "columns"), len(schema.Load().Manifest.Columns))
	})
}

func TestProducer(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		f := s.one("aws:lambda/function:Function", "-producer")
		require.Equal(t, "provided.al2023", f.Get(t, "runtime"))
		require.True(t, strings.HasSuffix(f.Path(t, "code"), "/bin/producer.zip"))
		require.Equal(t, s.ARN(s.one("aws:iam/role:Role", "-producer")), f.Get(t, "role"))
		require.Equal(t, map[string]any{
			"STORE_EVENTS_BUCKET": s.Outputs[output.Bucket], "STORE_EVENTS_SECONDS": "2", "STORE_EVENTS_COUNT": "0",
			"STORE_EVENTS_RATE": "1000", "STORE_EVENTS_BAD_SHARE": "0.1", "STORE_EVENTS_GZIP": "false", "STORE_EVENTS_BATCH": "1000",
		}, f.Get(t, "environment", "variables"))
		require.Equal(t, "/aws/lambda/"+f.Get(t, "name").(string), s.one("aws:cloudwatch/logGroup:LogGroup", "-producer-log").Get(t, "name"))
	})
}

func TestWorkgroupIsEnforced(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		group := s.one("aws:athena/workgroup:Workgroup", "")
		require.Equal(t, true, group.Get(t, "configuration", "enforceWorkgroupConfiguration"))
		require.InDelta(t, s.config.Analytics.ScanLimitMiB<<20, group.Get(t, "configuration", "bytesScannedCutoffPerQuery"), 0)
		result := group.Get(t, "configuration", "resultConfiguration").(map[string]any)
		require.Equal(t, "s3://"+s.Outputs[output.Bucket].(string)+"/athena-results/", result["outputLocation"])
		require.Equal(t, map[string]any{
			"encryptionOption": "SSE_KMS", "kmsKeyArn": s.ARN(s.one("aws:kms/key:Key", "")),
		}, result["encryptionConfiguration"])
		for _, q := range s.all("aws:athena/namedQuery:NamedQuery") {
			require.Equal(t, group.Get(t, "name"), q.Get(t, "workgroup"))
			require.Equal(t, s.config.Catalog.Database, q.Get(t, "database"))
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
		key := s.ARN(s.one("aws:kms/key:Key", ""))
		settings := pulumitest.Resource{Inputs: s.one(kind, "").Get(t, "dataCatalogEncryptionSettings").(map[string]any)}
		require.Equal(t, key, settings.Get(t, "encryptionAtRest", "sseAwsKmsKeyId"))
		require.Equal(t, key, settings.Get(t, "connectionPasswordEncryption", "awsKmsKeyId"))
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
	arguments := s.one("aws:glue/job:Job", "").Get(t, "defaultArguments").(map[string]any)
	require.Equal(t, settings["extraColumns"], arguments["--"+options.ExtraColumns])
	require.Equal(t, "2000", arguments["--"+options.CommitRows])
	require.Equal(t, "0.25", arguments["--"+options.MaxBadShare])
	columns := s.one("aws:glue/catalogTable:CatalogTable", "-curated").Get(t, "storageDescriptor", "columns").([]any)
	last := columns[len(columns)-3:]
	for i, want := range [][2]string{{"channel", "string"}, {"tax", "decimal(12,2)"}, {"extra", "string"}} {
		column := last[i].(map[string]any)
		require.Equal(t, want[0], column["name"])
		require.Equal(t, want[1], column["type"])
	}
}
