package components

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
)

// every returns the resources of each component with the default settings, by the component's type.
func every(t testing.TB) map[string]recorded {
	t.Helper()
	c := settings(t)
	c.Alerts.Email = "ops@example.com"
	c.Network.NatGateways, c.Database.MonitoringSeconds, c.Catalog.Encryption = 1, 60, true
	return map[string]recorded{
		"Storage": buildStorage(t, environment(), c.Storage), "Network": buildNetwork(t, environment(), c.Network),
		"Database": buildDatabase(t, environment(), c.Database), "Catalog": buildCatalog(t, c.Catalog), "Etl": buildEtl(t, c.Etl, c.Catalog),
		"Starter":  buildStarter(t, c.Etl),
		"Producer": buildProducer(t, c.Producer), "Consumer": buildConsumer(t), "Analytics": buildAnalytics(t), "Alerts": buildAlerts(t, c.Alerts),
		"Alarms": buildAlarms(t, c),
	}
}

func TestEveryChildBelongsToItsComponent(t *testing.T) {
	for kind, r := range every(t) {
		for _, res := range r.Resources {
			if strings.HasPrefix(res.Type, "aws:") || strings.HasPrefix(res.Type, "random:") {
				require.True(t, strings.HasSuffix(res.Parent, "::store-events:index:"+kind+"::test"), "%s %s: %s", res.Type, res.Name, res.Parent)
				require.True(t, strings.HasPrefix(res.Name, "test-"), res.Name)
			}
		}
	}
}

// Policies and the state contain the inputs of a component.
func TestComponentsShowTheirInputs(t *testing.T) {
	want := map[string]map[string]any{
		"Storage":   {"bucketName": "", "protectData": false},
		"Network":   {"vpcCidr": "10.10.0.0/16", "natGateways": 1.0, "natInstance": false, "interfaceEndpoints": true},
		"Database":  {"instanceClass": "db.t4g.micro", "engineVersion": "8.4", "multiAz": false, "protectData": false},
		"Catalog":   {"database": "miztiik_sales_db_test", "crawler": "sale_txns_crawler_test", "tablePrefix": "txns_", "bucket": "events-bucket"},
		"Etl":       {"job": "s3-to-rds-ingestor-test", "workerType": "G.1X", "workers": 2.0, "schedule": "cron(0 * * * ? *)", "targetTable": "sales_txns_tbl"},
		"Starter":   {"bucket": "events-bucket", "workflow": "test", "windowSeconds": 60.0, "batch": 1000.0},
		"Producer":  {"bucket": "events-bucket", "memoryMiB": 256.0},
		"Consumer":  {"instanceType": "t3.micro"},
		"Analytics": {"scanLimitMiB": 1024.0, "database": "miztiik_sales_db_test"},
		"Alarms":    {"job": "s3-to-rds-ingestor-test", "topicArn": "arn:topic", "lateHours": 3.0, "quarantineShare": 0.05, "volumeFactor": 4.0},
		"Alerts":    {"monthlyBudgetUsd": 100.0, "job": "s3-to-rds-ingestor-test", "crawler": "sale_txns_crawler_test"},
	}
	for kind, r := range every(t) {
		require.Equal(t, want[kind], r.one("store-events:index:"+kind, "").Inputs, kind)
	}
}

func TestComponentsRegisterTheirOutputs(t *testing.T) {
	db := buildDatabase(t, environment(), settings(t).Database)
	secret := func(user string) string { return db.ARN(db.one(secretType, user+"login")) }
	require.Equal(t, map[string]any{
		"identifier": "test-0123abcd", "endpoint": "db.internal:3306", "name": "store_events",
		"secretArn": secret(""), "loaderSecretArn": secret("loader-"), "readerSecretArn": secret("reader-"), "rotation": "test-rotation",
	}, db.Outputs)
	all := every(t)
	require.Equal(t, map[string]any{
		"database": "miztiik_sales_db_test", "crawler": "sale_txns_crawler_test", "curatedTable": "curated_sales_txns", "securityConfiguration": "test",
	}, all["Catalog"].Outputs)
	require.Equal(t, map[string]any{"job": "s3-to-rds-ingestor-test", "workflow": "test"}, all["Etl"].Outputs)
	require.EqualValues(t, "test-consumer-id", all["Consumer"].Outputs["instance"])
	require.Equal(t, map[string]any{"topicArn": "arn:aws:sns:" + region + ":" + account + ":test-alerts"}, all["Alerts"].Outputs)
	require.Equal(t, map[string]any{"dashboard": "test"}, all["Alarms"].Outputs)
}

// named are the types whose resources have a tag Name.
var named = []string{
	"aws:ec2/vpc:Vpc", subnetType, "aws:ec2/routeTable:RouteTable", "aws:ec2/natGateway:NatGateway", "aws:ec2/eip:Eip",
	"aws:ec2/internetGateway:InternetGateway", "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "aws:ec2/securityGroup:SecurityGroup",
	endpointType, "aws:ec2/flowLog:FlowLog", "aws:ec2/instance:Instance", "aws:rds/subnetGroup:SubnetGroup", "aws:rds/parameterGroup:ParameterGroup",
	instanceType, secretType, bucketType, queueType, "aws:kms/key:Key", "aws:glue/catalogDatabase:CatalogDatabase",
}

func TestResourcesHaveNameTags(t *testing.T) {
	tags := map[string]string{}
	for _, r := range every(t) {
		for _, kind := range named {
			for _, res := range r.all(kind) {
				name, _ := res.Get(t, "tags", "Name").(string)
				tags[strings.TrimPrefix(res.Name, "test-")] = name
				require.True(t, strings.HasPrefix(name, "test"), "%s %s", kind, res.Name)
			}
		}
	}
	for name, want := range map[string]string{
		"default-group": "test-closed", "public-1": "test-public-1", "app-2": "test-app-2", "public-routes": "test-public", "app-1-routes": "test-app-1",
		"nat-1": "test-nat-1", "nat-1-address": "test-nat-1", "job-group": "test-job", "s3": "test-s3", "kms": "test-kms", "consumer": "test-consumer",
		"logs": "test-logs", "events": "test-events", "key": "test", "vpc": "test",
	} {
		require.Equal(t, want, tags[name], name)
	}
}

func TestEveryRoleTrustsOneService(t *testing.T) {
	want := map[string]string{
		"test-flow-log": "vpc-flow-logs.amazonaws.com", "test-monitoring": "monitoring.rds.amazonaws.com", "test-crawler": "glue.amazonaws.com",
		"test-job": "glue.amazonaws.com", "test-rotation": "lambda.amazonaws.com", "test-producer": "lambda.amazonaws.com", "test-consumer": "ec2.amazonaws.com",
		"test-starter": "lambda.amazonaws.com",
	}
	// Lambda and Glue do not always set the account, and EC2 never does.
	ofAccount := map[string]bool{"test-flow-log": true, "test-monitoring": true}
	for _, r := range every(t) {
		for _, role := range r.all("aws:iam/role:Role") {
			trust := policyStatement{Sid: "Trust", Effect: "Allow", Principal: map[string]any{"Service": want[role.Name]}, Action: []string{"sts:AssumeRole"}}
			if ofAccount[role.Name] {
				trust.Condition = map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}}
			}
			require.Equal(t, map[string]policyStatement{"Trust": trust}, statements(t, role.Get(t, "assumeRolePolicy")), role.Name)
			delete(want, role.Name)
		}
	}
	require.Empty(t, want)
}

// actions are the actions of each statement in the policies that other tests check only in part.
var actions = map[string]map[string][]string{
	"aws:iam/rolePolicy:RolePolicy test-job-policy": {
		"ListBucket":           {"s3:ListBucket", "s3:GetBucketLocation"},
		"ReadEventsAndScripts": {"s3:GetObject"},
		"ReadAndTidyFeed":      {"s3:GetObject", "s3:DeleteObject"},
		"ReadRunProperties":    {"glue:GetWorkflowRunProperties"},
		"WriteResults":         {"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
		"CreateInterface":      {"ec2:CreateNetworkInterface"},
		"DeleteInterface":      {"ec2:DeleteNetworkInterface"},
		"TagInterface":         {"ec2:CreateTags", "ec2:DeleteTags"},
		"DescribeNetwork": {
			"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups",
			"ec2:DescribeVpcEndpoints", "ec2:DescribeRouteTables", "ec2:DescribeVpcAttribute",
		},
		"UseKey":                                {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"},
		"ReadCatalog":                           {"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"},
		"Crawl":                                 {"glue:StartCrawler", "glue:GetCrawler"},
		"ReadConnection":                        {"glue:GetConnection"},
		"KeepBookmarkAndReadEncryptionSettings": {"glue:GetJobBookmark", "glue:UpdateJobBookmark", "glue:GetSecurityConfiguration"},
		"ReadLogin":                             {"secretsmanager:GetSecretValue"},
		"PutMetrics":                            {"cloudwatch:PutMetricData"},
		"WriteGlueLogs":                         {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey", "logs:DescribeLogStreams"},
	},
	"aws:iam/rolePolicy:RolePolicy test-crawler-policy": {
		"ListBucket": {"s3:ListBucket", "s3:GetBucketLocation"},
		"ReadEvents": {"s3:GetObject"},
		"UseKey":     {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey"},
		"WriteCatalog": {
			"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable",
			"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition", "glue:CreatePartition",
			"glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchUpdatePartition",
		},
		"ReadEncryptionSettings": {"glue:GetSecurityConfiguration"},
		"WriteGlueLogs":          {"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:AssociateKmsKey", "logs:DescribeLogStreams"},
	},
	"aws:iam/rolePolicy:RolePolicy test-flow-log-policy": {
		"WriteFlowLogs":     {"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"},
		"DescribeLogGroups": {"logs:DescribeLogGroups"},
	},
	"aws:kms/key:Key test-key": {
		"AccountDecidesByIAM": {"kms:*"},
		"AlertsOfFailures":    {"kms:Decrypt", "kms:GenerateDataKey"},
		"AlertsOfAlarms":      {"kms:Decrypt", "kms:GenerateDataKey"},
		"AlertsOfCosts":       {"kms:Decrypt", "kms:GenerateDataKey"},
		"LogGroupsOfThisAccount": {
			"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
			"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
		},
	},
	"aws:ec2/vpcEndpoint:VpcEndpoint test-s3": {
		"StackBucket": {
			"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketLocation",
			"s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
		},
		"ReadWhatAWSPublishes": {"s3:GetObject"},
	},
}

func TestActionsOfPolicies(t *testing.T) {
	found := map[string]pulumitest.Resource{}
	for _, r := range every(t) {
		for _, res := range r.Resources {
			found[res.Type+" "+res.Name] = res
		}
	}
	for name, want := range actions {
		got := map[string][]string{}
		for sid, s := range statements(t, found[name].Get(t, "policy")) {
			require.Equal(t, "Allow", s.Effect, name)
			require.NotEmpty(t, s.Resource, "%s %s", name, sid)
			got[sid] = s.Action
		}
		require.Equal(t, want, got, name)
	}
	published := statements(t, found["aws:ec2/vpcEndpoint:VpcEndpoint test-s3"].Get(t, "policy"))
	for _, s := range published {
		require.Equal(t, map[string]any{"AWS": "*"}, s.Principal)
	}
	var buckets []string
	for _, name := range []string{
		"aws-glue-jes-prod-eu-west-1-assets", "al2023-repos-eu-west-1-de612dc2", "amazon-ssm-eu-west-1", "aws-ssm-eu-west-1",
		"amazon-ssm-packages-eu-west-1", "eu-west-1-birdwatcher-prod", "aws-ssm-document-attachments-eu-west-1",
	} {
		buckets = append(buckets, "arn:aws:s3:::"+name+"/*")
	}
	require.Equal(t, buckets, published["ReadWhatAWSPublishes"].Resource)
}
