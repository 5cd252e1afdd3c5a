package main

import (
	"fmt"

	"store-events/schema"
)

// boundary returns the permissions boundary of the stack's roles: what job, crawler,
// functions, consumer and flow log do while they run, on the stack's own resources.
// Changes of the program in CI cannot exceed it.
func (t target) boundary() []statement {
	return append(t.catalogKey("UseCatalogKey", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"), []statement{
		allow("Describe", all(
			of("ec2", "DescribeNetworkInterfaces", "DescribeRouteTables", "DescribeSecurityGroups", "DescribeSubnets", "DescribeVpcAttribute", "DescribeVpcEndpoints"),
			[]string{"logs:DescribeLogGroups", "glue:GetSecurityConfiguration", "glue:GetJobBookmark", "glue:UpdateJobBookmark"},
			of("ssmmessages", "CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"),
			of("ssm", "UpdateInstanceInformation"),
		), anything),
		allow("UseInterfaces", of("ec2", "AssignPrivateIpAddresses", "CreateNetworkInterface", "DeleteNetworkInterface", "UnassignPrivateIpAddresses"), anything),
		// Only Glue's own tag: the tags of a stack would allow its roles to take over another stack's resource. Without
		// keys, DeleteTags deletes all tags.
		allow("TagInterfaces", of("ec2", "CreateTags", "DeleteTags"), t.arns("ec2", "network-interface/*")).
			when("ForAllValues:StringEquals", "aws:TagKeys", "aws-glue-service-resource").
			when("Null", "aws:TagKeys", "false"),
		allow("PutMetrics", of("cloudwatch", "PutMetricData"), anything).when("StringLike", "cloudwatch:namespace", "Glue*", "AWS/*", "CWAgent", schema.Load().Metrics.Namespace),
		allow("UseBuckets", of("s3", "GetBucketLocation", "ListBucket"), t.buckets("")),
		allow("UseObjects", of("s3", "AbortMultipartUpload", "DeleteObject", "GetObject", "ListMultipartUploadParts", "PutObject"), t.buckets("/*")),
		t.tagged(allow("UseKey", of("kms", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey"), t.arns("kms", "key/*")), byResource),
		allow("UseSecrets", of("secretsmanager", "DescribeSecret", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"), t.arns("secretsmanager", "secret:"+t.prefix()+"-*")),
		allow("UseCatalog", of("glue", "BatchCreatePartition", "BatchGetPartition", "BatchUpdatePartition", "CreatePartition", "CreateTable", "GetConnection", "GetDatabase",
			"GetPartition", "GetPartitions", "GetTable", "GetTables", "UpdatePartition", "UpdateTable"),
			t.arns("glue", "catalog", "database/default", "database/"+t.database, fmt.Sprintf("table/%s/*", t.database), "connection/"+t.prefix()+"-*")),
		allow("SeeCrawls", of("glue", "GetCrawler"), t.arns("glue", "crawler/"+t.crawler)),
		allow("WriteLogs", of("logs", "AssociateKmsKey", "CreateLogGroup", "CreateLogStream", "DescribeLogStreams", "GetLogEvents", "PutLogEvents", "PutRetentionPolicy"),
			append(t.logGroups(), t.arn("logs", "log-group:RDSOSMetrics*"))),
		allow("StartRuns", of("glue", "GetJobRuns", "GetWorkflow", "GetWorkflowRun", "GetWorkflowRunProperties", "StartCrawler", "StartWorkflowRun"),
			append(t.arns("glue", "job/"+t.job, "crawler/"+t.crawler), t.named("glue", "workflow/")...)),
		allow("UseQueues", of("sqs", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"), t.arns("sqs", t.prefix()+"-*")),
		// A paused stack stops its database again by a runbook of AWS, whose ARN has no account.
		allow("StopDatabase", of("ssm", "StartAutomationExecution"), all(
			t.amazons("automation-definition/AWS-StopRdsInstance:*", "document/AWS-StopRdsInstance"), t.arns("ssm", "automation-execution/*"))),
		allow("KeepDatabaseStopped", of("rds", "DescribeDBInstances", "StopDBInstance"), t.arns("rds", "db:"+t.prefix()+"-*")),
	}...)
}
