package main

import (
	"fmt"

	"store-events/schema"
)

// reads returns the permissions of a preview, which are the only ones of the drift
// check. They include the values of secrets, because the provider compares them.
//
// The lists here and in the other files contain the provider's actions that
// `storeevents up --as` has recorded in the local AWS, and the actions with which
// the provider changes and deletes the same resources:
// https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
func (t target) reads() []statement {
	tables := fmt.Sprintf("table/%s/*", t.database)
	s := []statement{
		allow("Describe", all(
			[]string{"sts:GetCallerIdentity", "logs:DescribeLogGroups", "kms:ListAliases", "glue:GetSecurityConfiguration"},
			of("rds", "DescribeDBInstances", "DescribeDBSnapshots"),
		), anything),
		allow("ReadBuckets", of("s3", "GetAccelerateConfiguration", "GetBucketAcl", "GetBucketCORS", "GetBucketLogging", "GetBucketObjectLockConfiguration",
			"GetBucketOwnershipControls", "GetBucketPolicy", "GetBucketPublicAccessBlock", "GetBucketRequestPayment", "GetBucketTagging", "GetBucketVersioning",
			"GetBucketWebsite", "GetEncryptionConfiguration", "GetLifecycleConfiguration", "GetReplicationConfiguration", "ListBucket"), t.buckets("")),
		// The job's files; not the events.
		allow("ReadObjects", of("s3", "GetObject", "GetObjectTagging"), t.objects(schema.Load().Prefixes.Scripts)),
		t.tagged(allow("ReadKeys", of("kms", "Decrypt", "DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"), t.arns("kms", "key/*")), byResource),
		allow("ReadSecrets", of("secretsmanager", "DescribeSecret", "GetResourcePolicy", "GetSecretValue"), t.arns("secretsmanager", "secret:"+t.prefix()+"-*")),
		allow("ReadDatabases", of("rds", "DescribeDBParameterGroups", "DescribeDBParameters", "DescribeDBSubnetGroups", "ListTagsForResource"),
			t.arns("rds", "db:"+t.prefix()+"-*", "pg:"+t.prefix()+"-*", "subgrp:"+t.prefix()+"-*")),
		allow("ReadQueries", of("athena", "GetNamedQuery", "GetWorkGroup", "ListTagsForResource"), t.named("athena", "workgroup/")),
		allow("ReadCatalog", of("glue", "GetConnection", "GetCrawler", "GetDatabase", "GetDataCatalogEncryptionSettings", "GetJob", "GetPartitionIndexes", "GetTable", "GetTags", "GetTrigger", "GetWorkflow"),
			all(t.arns("glue", "catalog", "database/"+t.database, tables, "crawler/"+t.crawler, "job/"+t.job, "connection/"+t.prefix()+"-*", "trigger/"+t.prefix()+"-*"), t.named("glue", "workflow/"))),
		allow("ReadFunctions", of("lambda", "GetFunction", "GetFunctionCodeSigningConfig", "GetPolicy", "ListVersionsByFunction"), t.arns("lambda", "function:"+t.prefix()+"-*")),
		allow("ReadRoles", of("iam", "GetInstanceProfile", "GetRole", "GetRolePolicy", "ListAttachedRolePolicies", "ListInstanceProfilesForRole", "ListRolePolicies"),
			t.global("iam", "role/"+t.prefix()+"-*", "instance-profile/"+t.prefix()+"-*")),
		allow("ReadAlerts", all(of("events", "DescribeRule", "ListTagsForResource", "ListTargetsByRule"), of("sns", "GetSubscriptionAttributes", "GetTopicAttributes", "ListTagsForResource")),
			t.rules()).withResources(t.arns("sns", t.prefix()+"-*")...),
		allow("ReadBudgets", of("budgets", "ListTagsForResource", "ViewBudget"), t.global("budgets", "budget/"+t.prefix())),
		// AWS owns the parameter: its ARN has no account.
		allow("ReadImage", of("ssm", "GetParameter"), []string{fmt.Sprintf("arn:%s:ssm:%s:*:parameter/aws/service/ami-amazon-linux-latest/*", t.partition, t.region)}),
	}
	if t.stateBucket != "" {
		s = append(s,
			allow("ReadState", of("s3", "GetObject"), []string{t.state()}),
			allow("ListState", of("s3", "ListBucket"), []string{fmt.Sprintf("arn:%s:s3:::%s", t.partition, t.stateBucket)}).
				when("StringLike", "s3:prefix", t.env+"/*"))
	}
	return s
}

// described are the resources of EC2 that the provider, RDS and Lambda look up. Others, such as launch templates and
// VPN connections, contain secrets of their owners.
var described = []string{
	"DescribeAccountAttributes", "DescribeAddresses", "DescribeAddressesAttribute", "DescribeAvailabilityZones", "DescribeFlowLogs",
	"DescribeIamInstanceProfileAssociations", "DescribeImages", "DescribeInstanceCreditSpecifications", "DescribeInstances", "DescribeInstanceTypes",
	"DescribeInternetGateways", "DescribeManagedPrefixLists", "DescribeNatGateways", "DescribeNetworkAcls", "DescribeNetworkInterfaces",
	"DescribePrefixLists", "DescribeRouteTables", "DescribeSecurityGroupRules", "DescribeSecurityGroups", "DescribeSubnets", "DescribeTags",
	"DescribeVolumes", "DescribeVolumesModifications", "DescribeVpcAttribute", "DescribeVpcEndpoints", "DescribeVpcEndpointServices", "DescribeVpcs",
}

// queueReads returns the read permissions for EC2, the event trigger, logs, alarms, and a catalog that another stack
// encrypts. They are a separate policy, because of the size limit.
func (t target) queueReads() []statement {
	return append(t.catalogKey("ReadCatalogKey", "Decrypt", "DescribeKey"), []statement{
		allow("DescribeNetwork", of("ec2", described...), anything),
		t.tagged(allow("ReadInstances", of("ec2", "DescribeInstanceAttribute"), t.arns("ec2", "instance/*")), byResource),
		allow("ReadNotifications", of("s3", "GetBucketNotification"), t.buckets("")),
		allow("ReadQueues", of("sqs", "GetQueueAttributes", "GetQueueUrl", "ListQueueTags"), t.arns("sqs", t.prefix()+"-*")),
		// CloudWatch authorizes it for all alarms, regardless of the names in the request.
		allow("SeeAlarms", of("cloudwatch", "DescribeAlarms"), t.arns("cloudwatch", "alarm:*")),
		allow("ReadAlarms", of("cloudwatch", "ListTagsForResource"), t.alarms()),
		allow("ReadLogs", of("logs", "ListTagsForResource"), t.logGroups()),
		allow("ReadDashboards", of("cloudwatch", "GetDashboard"), t.dashboards()),
		t.tagged(allow("ReadEventSources", of("lambda", "GetEventSourceMapping", "ListTags"), t.arns("lambda", "event-source-mapping:*")), byResource),
	}...)
}

// withResources returns the statement with resources added.
func (s statement) withResources(resources ...string) statement {
	s.Resource = all(s.Resource, resources)
	return s
}

// rules returns the ARNs of rules of the default event bus, whose name may be in the ARN.
func (t target) rules() []string {
	return t.arns("events", "rule/"+t.prefix()+"-*", "rule/default/"+t.prefix()+"-*")
}

// logGroups returns the ARNs of the stack's log groups, and of their streams for some actions.
func (t target) logGroups() []string {
	var out []string
	for _, name := range []string{
		"/aws/vpc/" + t.prefix(), "/aws/vpc/" + t.prefix() + ":*", "/aws/lambda/" + t.prefix() + "-*", "/aws/rds/instance/" + t.prefix() + "-*",
		"/aws-glue/jobs/" + t.prefix() + "/*", "/aws-glue/crawlers-role/" + t.prefix() + "-*",
	} {
		out = append(out, t.arn("logs", "log-group:"+name))
	}
	return out
}

// state returns the ARN of the objects with the environment's state.
func (t target) state() string {
	return fmt.Sprintf("arn:%s:s3:::%s/%s/*", t.partition, t.stateBucket, t.env)
}
