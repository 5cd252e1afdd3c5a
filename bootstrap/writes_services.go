package main

import (
	"fmt"

	"store-events/schema"
)

// roleServices are the services to which the stack's roles may be passed.
var roleServices = []string{
	"ec2.amazonaws.com", "events.amazonaws.com", "glue.amazonaws.com", "lambda.amazonaws.com", "monitoring.rds.amazonaws.com", "vpc-flow-logs.amazonaws.com",
}

// services returns the permissions to change the pipeline, its roles, logs and alerts.
func (t target) services() []statement {
	roles := t.global("iam", "role/"+t.prefix()+"-*")
	s := []statement{
		allow("ChangePipeline", of("glue", "CreateConnection", "CreateDatabase", "CreateJob", "CreateTable", "CreateTrigger", "CreateWorkflow", "DeleteConnection",
			"DeleteCrawler", "DeleteDatabase", "DeleteJob", "DeleteTable", "DeleteTrigger", "DeleteWorkflow", "StartTrigger", "StartWorkflowRun",
			"StopTrigger", "TagResource", "UntagResource", "UpdateConnection", "UpdateCrawler", "UpdateDatabase", "UpdateJob", "UpdateTable", "UpdateTrigger", "UpdateWorkflow"),
			all(t.arns("glue", "catalog", "database/"+t.database, fmt.Sprintf("table/%s/*", t.database), fmt.Sprintf("userDefinedFunction/%s/*", t.database), "crawler/"+t.crawler, "job/"+t.job,
				"connection/"+t.prefix()+"-*", "trigger/"+t.prefix()+"-*"), t.named("glue", "workflow/"))),
		// Glue authorizes these for all resources.
		allow("CreatePipeline", of("glue", "CreateCrawler", "CreateSecurityConfiguration", "DeleteSecurityConfiguration"), anything),
		allow("ChangeFunctions", of("lambda", "AddPermission", "CreateFunction", "DeleteFunction", "InvokeFunction", "RemovePermission", "TagResource", "UntagResource",
			"UpdateFunctionCode", "UpdateFunctionConfiguration"), t.arns("lambda", "function:"+t.prefix()+"-*")),
		// The boundary, which this role cannot change, limits the roles.
		allow("ChangeBoundedRoles", of("iam", "CreateRole", "DeleteRolePolicy", "PutRolePermissionsBoundary", "PutRolePolicy"), roles).
			when("StringEquals", "iam:PermissionsBoundary", t.boundaryArn()),
		allow("ChangeRoles", of("iam", "DeleteRole", "TagRole", "UntagRole", "UpdateAssumeRolePolicy", "UpdateRole", "UpdateRoleDescription"), roles),
		allow("PassRoles", of("iam", "PassRole"), roles).when("StringEquals", "iam:PassedToService", roleServices...),
		allow("ChangeInstanceProfiles", of("iam", "AddRoleToInstanceProfile", "CreateInstanceProfile", "DeleteInstanceProfile", "RemoveRoleFromInstanceProfile",
			"TagInstanceProfile", "UntagInstanceProfile"), all(roles, t.global("iam", "instance-profile/"+t.prefix()+"-*"))),
		allow("PrepareRds", of("iam", "CreateServiceLinkedRole"), t.global("iam", "role/aws-service-role/rds.amazonaws.com/*")).
			when("StringEquals", "iam:AWSServiceName", "rds.amazonaws.com"),
		allow("ChangeLogGroups", of("logs", "AssociateKmsKey", "CreateLogGroup", "DeleteLogGroup", "DeleteRetentionPolicy", "DisassociateKmsKey", "PutRetentionPolicy",
			"TagResource", "UntagResource"), t.logGroups()),
		allow("ChangeRules", of("events", "DeleteRule", "PutRule", "PutTargets", "RemoveTargets", "TagResource", "UntagResource"), t.rules()),
		allow("ChangeTopics", of("sns", "CreateTopic", "DeleteTopic", "SetSubscriptionAttributes", "SetTopicAttributes", "Subscribe", "TagResource", "Unsubscribe",
			"UntagResource"), t.arns("sns", t.prefix()+"-*")),
		allow("ChangeBudget", of("budgets", "ModifyBudget", "TagResource", "UntagResource"), t.global("budgets", "budget/"+t.prefix())),
	}
	if t.encryptsCatalog { // Only one stack may change the encryption, because the account has only one catalog.
		s = append(s, allow("EncryptCatalog", of("glue", "PutDataCatalogEncryptionSettings"), t.arns("glue", "catalog")))
	}
	return s
}

// watch returns the permissions to change alarms and the dashboard.
func (t target) watch() []statement {
	return []statement{
		allow("ChangeAlarms", of("cloudwatch", "DeleteAlarms", "PutMetricAlarm", "TagResource", "UntagResource"), t.alarms()),
		allow("ChangeDashboards", of("cloudwatch", "DeleteDashboards", "PutDashboard"), t.dashboards()),
	}
}

// ask returns the permissions of `storeevents up` to query the database, through the consumer, for the types of its
// columns. Reading and canceling commands cannot be limited. With a key of all services, such as aws:ResourceTag, a
// policy for SendCommand would need another statement:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/run-command-setting-up.html
func (t target) ask() []statement {
	return []statement{
		allow("RunShell", of("ssm", "SendCommand"), t.amazons("document/AWS-RunShellScript")),
		t.tagged(allow("AskConsumer", of("ssm", "SendCommand"), t.arns("ec2", "instance/*")), "ssm:resourceTag"),
		allow("ReadAnswers", of("s3", "GetObject"), t.objects(schema.Load().Prefixes.CommandOutput)),
		allow("SeeCommands", of("ssm", "CancelCommand", "GetCommandInvocation"), anything),
	}
}

func (t target) alarms() []string { return t.arns("cloudwatch", "alarm:"+t.prefix()+"-*") }

// dashboards returns the ARN of the dashboard, which has no region.
func (t target) dashboards() []string { return t.global("cloudwatch", "dashboard/"+t.prefix()) }
