package components

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/schema"
)

const jobType = "aws:glue/job:Job"

const lineageKey = "arn:aws:secretsmanager:" + region + ":" + account + ":secret:lineage-AbCdEf"

// The job may read only its login and the key of the lineage server.
func TestJobReadsTheLineageKeyOnly(t *testing.T) {
	c := settings(t)
	c.Etl.LineageSecretARN = lineageKey
	require.Equal(t, []string{"arn:loader", lineageKey}, buildEtl(t, c.Etl, c.Catalog).role("job")["ReadLogin"].Resource)
}

func TestJobArguments(t *testing.T) {
	c := settings(t)
	c.Catalog.ExtraColumns, c.Etl.MaxInvalidShare, c.Etl.LineageURL = "x_channel=string(32)", 0.25, "https://lineage.example.com/api/v1/lineage"
	c.Etl.LineageSecretARN = lineageKey
	own, options := schema.Load().JobArguments, schema.Load().JobOptions
	want := map[string]any{
		"job-language": "python", "job-bookmark-option": "job-bookmark-enable",
		"enable-continuous-cloudwatch-log": "true", "enable-auto-scaling": "true", "custom-logGroup-prefix": "/aws-glue/jobs/test",
		"TempDir": "s3://events-bucket/bookmarks/temporary/", "extra-py-files": "s3://events-bucket/scripts/a.zip,s3://events-bucket/scripts/b.zip",
		own.SourceDatabase: "miztiik_sales_db_test", own.SourceBucket: "events-bucket", own.TablePrefix: "txns_", own.SecretARN: "arn:loader",
		own.TargetTable: "sales_txns_tbl", own.Connection: "test-mysql", own.Authorities: "s3://events-bucket/scripts/ca.pem",
		options.Crawler: c.Catalog.CrawlerName, options.CommitRows: "500000", options.MaxInvalidShare: "0.25", options.LedgerDays: "90", options.MaxUnread: "0", options.FullListingHours: "24",
		options.ExtraColumns: "x_channel=string(32)", options.LineageURL: "https://lineage.example.com/api/v1/lineage", options.LineageSecretARN: lineageKey,
	}
	got := map[string]any{}
	for name, value := range buildEtl(t, c.Etl, c.Catalog).one(jobType, "job").Get(t, "defaultArguments").(map[string]any) {
		got[strings.TrimPrefix(name, "--")] = value
	}
	require.Equal(t, want, got, "--continuous-log-logGroup, which Glue 5 does not know, is not among them")
	plain := buildEtl(t, settings(t).Etl, settings(t).Catalog).one(jobType, "job").Get(t, "defaultArguments")
	require.NotContains(t, plain, "--"+options.ExtraColumns)
	require.NotContains(t, plain, "--"+options.LineageURL)
	require.NotContains(t, plain, "--"+options.LineageSecretARN)
}

// Glue sends its metrics, which CloudWatch bills, only with these arguments.
func TestGlueMetricsAreOptional(t *testing.T) {
	c := settings(t)
	for _, on := range []bool{false, true} {
		c.Etl.GlueMetrics = on
		arguments := buildEtl(t, c.Etl, c.Catalog).one(jobType, "job").Get(t, "defaultArguments").(map[string]any)
		for _, name := range []string{"--enable-metrics", "--enable-observability-metrics"} {
			value, given := arguments[name]
			require.Equal(t, on, given, name)
			require.True(t, !on || value == "true", name)
		}
	}
}

// readByGlue are the arguments that Glue's getResolvedOptions reads itself.
// https://github.com/awslabs/aws-glue-libs/blob/master/awsglue/job.py
var readByGlue = []string{
	"JOB_NAME", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION", "TempDir", "RedshiftTempDir", "WORKFLOW_NAME", "WORKFLOW_RUN_ID",
	"job-bookmark-option", "job-bookmark-from", "job-bookmark-to", "continuation-option", "encryption-type", "enable-data-lineage",
}

// On Glue 5.1 an argument whose name is a prefix of another name sets the other argument, if that one is read and not
// given.
func TestNoArgumentIsAnAbbreviationOfAnother(t *testing.T) {
	names := map[string]bool{}
	add := func(of any) {
		raw, err := json.Marshal(of)
		require.NoError(t, err)
		var fields map[string]string
		require.NoError(t, json.Unmarshal(raw, &fields))
		for _, name := range fields {
			names[name] = true
		}
	}
	add(schema.Load().JobArguments)
	add(schema.Load().JobOptions)
	for _, name := range readByGlue {
		names[name] = true
	}
	c := settings(t)
	for name := range buildEtl(t, c.Etl, c.Catalog).one(jobType, "job").Get(t, "defaultArguments").(map[string]any) {
		names[strings.TrimPrefix(name, "--")] = true
	}
	for name := range names {
		for other := range names {
			require.False(t, name != other && strings.HasPrefix(other, name), "--%s abbreviates --%s", name, other)
		}
	}
	require.Greater(t, len(names), 40)
}

func TestJobHasTheGlueVersionOfTheSetting(t *testing.T) {
	c := settings(t)
	for _, version := range config.GlueVersions() {
		c.Etl.GlueVersion = version.Name
		require.Equal(t, version.Name, buildEtl(t, c.Etl, c.Catalog).one(jobType, "job").Get(t, "glueVersion"))
	}
}

func TestJobLimits(t *testing.T) {
	c := settings(t)
	r := buildEtl(t, c.Etl, c.Catalog)
	job := r.one(jobType, "job")
	for property, want := range map[string]any{
		"name": "s3-to-rds-ingestor-test", "glueVersion": "5.1", "workerType": "G.1X", "numberOfWorkers": 2.0, "timeout": 30.0, "maxRetries": 1.0,
		"connections": []any{"test-mysql"}, "securityConfiguration": "encrypted", "roleArn": r.ARN(r.one("aws:iam/role:Role", "job")),
		"executionProperty": map[string]any{"maxConcurrentRuns": 1.0}, // Bookmarks require it.
		"command":           map[string]any{"name": "glueetl", "pythonVersion": "3", "scriptLocation": "s3://events-bucket/scripts/job.py"},
	} {
		require.Equal(t, want, job.Get(t, property), property)
	}
	require.True(t, waitsForMarker(job, "reachable"))
	require.True(t, job.WaitsFor(r.one("aws:iam/rolePolicy:RolePolicy", "job-policy")))
}

// Glue creates missing groups with these names, without retention.
func TestJobHasLogGroups(t *testing.T) {
	c := settings(t)
	r := buildEtl(t, c.Etl, c.Catalog)
	var arns []string
	for _, kind := range []string{"error", "output"} {
		group := r.one("aws:cloudwatch/logGroup:LogGroup", "job-log-"+kind)
		name := "/aws-glue/jobs/test/encrypted-role/test-job/" + kind
		require.Equal(t, name, group.Get(t, "name"))
		require.True(t, r.one(jobType, "job").WaitsFor(group))
		arn := "arn:aws:logs:" + region + ":" + account + ":log-group:" + name
		arns = append(arns, arn, arn+":*")
	}
	require.Equal(t, arns, r.role("job")["WriteGlueLogs"].Resource)
}

func TestConnectionUsesTheLoadersSecret(t *testing.T) {
	c := settings(t)
	connection := buildEtl(t, c.Etl, c.Catalog).one("aws:glue/connection:Connection", "connection")
	require.Equal(t, "JDBC", connection.Get(t, "connectionType"))
	require.Equal(t, map[string]any{
		"SECRET_ID": "arn:loader", "JDBC_ENFORCE_SSL": "true", "JDBC_CONNECTION_URL": "jdbc:mysql://db.internal:3306/store_events",
	}, readable(connection.Get(t, "connectionProperties")).(map[string]any)["secret"])
	require.Equal(t, map[string]any{
		"subnetId": "app-1", "availabilityZone": region + "a", "securityGroupIdLists": []any{"sg-job"},
	}, connection.Get(t, "physicalConnectionRequirements"))
	require.True(t, waitsForMarker(connection, "users"), "the users of the database exist before the job can start")
}

func TestWorkflowStartsTheJobWithoutACrawl(t *testing.T) {
	c := settings(t)
	for _, scheduled := range []bool{true, false} {
		c.Etl.ScheduleEnabled = scheduled
		r := buildEtl(t, c.Etl, c.Catalog)
		start := r.one("aws:glue/trigger:Trigger", "start")
		require.Equal(t, map[bool]string{true: "SCHEDULED", false: "ON_DEMAND"}[scheduled], start.Get(t, "type"))
		require.Equal(t, map[bool]any{true: "cron(0 * * * ? *)", false: nil}[scheduled], start.Get(t, "schedule"))
		require.Equal(t, scheduled, start.Get(t, "enabled"), "an enabled on-demand trigger fires when it is created")
		require.Equal(t, "test", start.Get(t, "workflowName"))
		require.Equal(t, []any{map[string]any{"jobName": c.Etl.JobName}}, start.Get(t, "actions"))
		require.True(t, start.DeleteBeforeReplace, "a workflow has only one start trigger")
	}
}

// Two concurrent runs of the workflow would start the job twice.
func TestOneRunOfTheWorkflowAtATime(t *testing.T) {
	c := settings(t)
	workflow := buildEtl(t, c.Etl, c.Catalog).one("aws:glue/workflow:Workflow", "workflow")
	require.Equal(t, "test", workflow.Get(t, "name"))
	require.InDelta(t, 1, workflow.Get(t, "maxConcurrentRuns"), 0)
}

func TestJobPolicy(t *testing.T) {
	c := settings(t)
	policy := buildEtl(t, c.Etl, c.Catalog).role("job")
	ec2 := "arn:aws:ec2:" + region + ":" + account
	for sid, resources := range map[string][]string{
		"ListBucket":           {events},
		"ReadEventsAndScripts": append([]string{events + "/scripts/*"}, streamObjects()...),
		"WriteResults":         {events + "/curated/*", events + "/quarantine/*", events + "/bookmarks/*"},
		"CreateInterface":      {ec2 + ":network-interface/*", ec2 + ":subnet/app-1", ec2 + ":security-group/sg-job"},
		"DeleteInterface":      {ec2 + ":network-interface/*"},
		"TagInterface":         {ec2 + ":network-interface/*"},
		"DescribeNetwork":      {"*"},
		"UseKey":               {keyArn},
		"ReadCatalog": {
			glueArn + ":catalog", glueArn + ":database/default", glueArn + ":database/miztiik_sales_db_test", glueArn + ":table/miztiik_sales_db_test/txns_*",
		},
		"ReadAndTidyFeed":                       {events + "/feed/*"},
		"ReadRunProperties":                     {glueArn + ":workflow/test"},
		"Crawl":                                 {glueArn + ":crawler/" + c.Catalog.CrawlerName},
		"ReadConnection":                        {glueArn + ":catalog", glueArn + ":connection/test-mysql"},
		"KeepBookmarkAndReadEncryptionSettings": {"*"},
		"ReadLogin":                             {"arn:loader"},
		"PutMetrics":                            {"*"},
	} {
		require.Equal(t, resources, policy[sid].Resource, sid)
		require.Equal(t, "Allow", policy[sid].Effect)
	}
	require.Len(t, policy, 17)
	require.Equal(t, []string{"ec2:DeleteNetworkInterface"}, policy["DeleteInterface"].Action)
	require.Empty(t, policy["DeleteInterface"].Condition, "Glue requests this without a subnet")
	require.Contains(t, policy["KeepBookmarkAndReadEncryptionSettings"].Action, "glue:UpdateJobBookmark")
	require.Equal(t, []string{"s3:GetObject"}, policy["ReadEventsAndScripts"].Action)
	require.Equal(t, map[string]map[string]any{
		"ForAllValues:StringEquals": {"aws:TagKeys": []any{"aws-glue-service-resource"}}, "Null": {"aws:TagKeys": "false"},
	}, policy["TagInterface"].Condition)
	require.Equal(t, map[string]map[string]any{"StringLike": {"cloudwatch:namespace": []any{"Glue*", schema.Load().Metrics.Namespace}}}, policy["PutMetrics"].Condition)
}
