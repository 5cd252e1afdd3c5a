package iam

import (
	"regexp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// isWorkload reports whether an AWS service assumes a role, for a job, function or instance, unlike roles of people
// and deployment pipelines. A trust policy that is not readable yet counts as a service's.
func isWorkload(role rule.Resource) bool {
	d, unreadable := iampolicy.Read(role.Get("assumeRolePolicy"))
	return len(unreadable) > 0 || slices.ContainsFunc(d.Statements, func(s iampolicy.Statement) bool {
		return s.Allows() && len(s.Of("Service")) > 0
	})
}

// workloadPermissions returns the documents of the stack's workloads, and of roles outside the stack.
func workloadPermissions(s rule.Stack) []permission {
	var all []permission
	for _, role := range s.Of(aws.Role) {
		if isWorkload(role) {
			all = append(all, permissionsOfRole(s, role)...)
		}
	}
	for _, r := range s.Of(aws.RolePolicy) {
		if found, _ := s.Referred(r, r.Get("role"), aws.Role); len(found) == 0 {
			all = append(all, permissionsOf(r)...)
		}
	}
	for _, r := range s.Of(aws.RolePolicyAttachment) {
		if found, _ := s.Referred(r, r.Get("role"), aws.Role); len(found) > 0 {
			continue
		}
		attached, _ := s.Referred(r, r.Get("policyArn"), aws.Policy)
		for _, p := range attached {
			all = append(all, permissionsOf(p)...)
		}
	}
	return all
}

// forbidWorkloads reports the statements of workloads for which the test is true.
func forbidWorkloads(s rule.Stack, message string, forbidden func(iampolicy.Statement) bool) []rule.Finding {
	var findings []rule.Finding
	for _, p := range workloadPermissions(s) {
		findings = append(findings, rule.On(p.of, iampolicy.Forbid(p.document, func(s iampolicy.Statement) bool {
			return s.Allows() && forbidden(s)
		}, message))...)
	}
	return findings
}

// replacements are actions that change which code runs, its input, or its connections. Even on a named function or
// job, they allow a workload to use the permissions of another, or an attacker to persist.
var replacements = []string{
	"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:UpdateAlias", "lambda:UpdateEventSourceMapping",
	"glue:UpdateJob", "glue:UpdateJobFromSourceControl", "glue:UpdateDevEndpoint", "glue:CreateTrigger", "glue:UpdateTrigger",
	"glue:UpdateWorkflow", "glue:UpdateConnection", "glue:UpdateCrawler", "states:UpdateStateMachine", "states:UpdateStateMachineAlias",
	"codebuild:UpdateProject", "cloudformation:UpdateStack", "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet",
	"cloudformation:UpdateStackSet", "ecs:UpdateService", "scheduler:UpdateSchedule", "ssm:UpdateDocument",
	"ssm:UpdateDocumentDefaultVersion", "ssm:UpdateAssociation", "ssm:UpdateMaintenanceWindowTask",
}

// destructions are actions that delete data stores, or turn off their protection or logging.
var destructions = []string{
	"kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DisableKeyRotation", "kms:DeleteImportedKeyMaterial", "kms:DeleteAlias",
	"kms:UpdateAlias", "secretsmanager:DeleteSecret", "secretsmanager:CancelRotateSecret", "secretsmanager:RemoveRegionsFromReplication",
	"s3:DeleteBucket", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention", "s3:PutBucketVersioning", "s3:PutBucketLogging",
	"s3:PutLifecycleConfiguration", "s3:PutEncryptionConfiguration", "s3:PutBucketObjectLockConfiguration",
	"rds:DeleteDBInstance", "rds:DeleteDBCluster", "rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot",
	"rds:DeleteDBInstanceAutomatedBackup", "rds:DeleteDBClusterAutomatedBackup", "rds:DeleteTenantDatabase", "rds:ModifyDBInstance",
	"rds:ModifyDBCluster", "rds:ModifyDBParameterGroup", "rds:BacktrackDBCluster", "rds:StopActivityStream",
	"rds:StopDBInstanceAutomatedBackupsReplication",
	"logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteSubscriptionFilter", "logs:DeleteMetricFilter", "logs:DeleteDestination",
	"logs:DeleteDelivery", "logs:DeleteDataProtectionPolicy", "logs:DisassociateKmsKey", "cloudtrail:StopLogging",
	"cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail", "cloudtrail:PutEventSelectors", "cloudtrail:PutInsightSelectors",
	"cloudtrail:DeleteEventDataStore", "cloudtrail:UpdateEventDataStore", "cloudtrail:StopEventDataStoreIngestion",
	"backup:DeleteRecoveryPoint", "backup:DisassociateRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:DeleteBackupVault",
	"backup:DeleteBackupPlan", "backup:UpdateBackupPlan", "backup:DeleteBackupSelection", "backup:DeleteBackupVaultLockConfiguration",
	"guardduty:DeleteDetector", "guardduty:UpdateDetector", "guardduty:CreateFilter", "guardduty:UpdateFilter",
	"guardduty:DeletePublishingDestination", "guardduty:DisassociateFromAdministratorAccount",
	"config:StopConfigurationRecorder", "config:DeleteConfigurationRecorder", "config:PutConfigurationRecorder",
	"config:DeleteDeliveryChannel", "config:PutDeliveryChannel", "config:DeleteConfigRule", "securityhub:DisableSecurityHub",
	"securityhub:BatchDisableStandards", "securityhub:UpdateStandardsControl", "access-analyzer:DeleteAnalyzer",
	"access-analyzer:CreateArchiveRule", "ec2:DeleteFlowLogs", "ec2:DeleteSnapshot", "ec2:DeleteVolume", "ec2:DeregisterImage",
	"cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions", "cloudwatch:SetAlarmState", "cloudwatch:PutAlarmMuteRule",
	"events:DisableRule", "events:DeleteRule", "events:RemoveTargets", "sns:Unsubscribe",
	"dynamodb:DeleteTable", "dynamodb:DeleteTableReplica", "dynamodb:DeleteBackup", "dynamodb:UpdateContinuousBackups",
	"dynamodb:UpdateTimeToLive", "glue:DeleteDatabase", "glue:DeleteCatalog", "glue:DeleteJob", "glue:DeleteCrawler",
	"glue:DeleteTrigger", "glue:DeleteWorkflow", "glue:DeleteConnection", "glue:StopTrigger", "lambda:DeleteFunction",
	"states:DeleteStateMachine", "sns:DeleteTopic",
	"sqs:DeleteQueue", "kinesis:DeleteStream", "kinesis:DecreaseStreamRetentionPeriod", "firehose:DeleteDeliveryStream",
	"firehose:UpdateDestination", "ecr:DeleteRepository", "ecr:BatchDeleteImage", "ecr:PutLifecyclePolicy",
	"elasticfilesystem:DeleteFileSystem", "elasticfilesystem:DeleteMountTarget", "redshift:DeleteCluster",
	"redshift:DeleteClusterSnapshot", "redshift:BatchDeleteClusterSnapshots", "redshift:DisableLogging", "es:DeleteDomain",
	"es:DeleteElasticsearchDomain", "organizations:LeaveOrganization",
}

// ofMonitoring matches the log group of RDS's host metrics, whose retention RDS sets itself:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Monitoring.OS.Enabling.html
var ofMonitoring = regexp.MustCompile(`:log-group:RDS(\*|OSMetrics)(:\*|:log-stream:\*)?$`)

// destroysData reports whether a statement allows destruction, which workloads do not need.
func destroysData(s iampolicy.Statement) bool { return s.Covers(destructions...) || forgets(s) }

// forgets reports whether a statement allows a workload to shorten the retention of its log groups.
func forgets(s iampolicy.Statement) bool {
	monitoring := len(s.Resource) > 0 && !slices.ContainsFunc(s.Resource, func(arn string) bool { return !ofMonitoring.MatchString(arn) })
	return s.Covers("logs:PutRetentionPolicy") && !monitoring
}

// administration are the actions on a key that its users do not need.
var administration = []string{"kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy", "kms:DeleteImportedKeyMaterial"}

var noDestruction = rule.Rule{
	ID:       "iam-no-destruction",
	Title:    "Workloads cannot delete data stores, or disable their protection or logging",
	Why:      "An attacker who controls a job or function could delete the data, its backups and the logs.",
	Fix:      "Remove the action. Delete resources with an update of the stack, and their contents by object, row or message.",
	Sources:  "project; checkov CKV_AWS_290",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append([]string{aws.Key, aws.RolePolicyAttachment}, permissionTypes...),
	Stack: func(s rule.Stack) []rule.Finding {
		return append(forbidWorkloads(s, "lets a workload delete a data store, or disable its protection or logging", destroysData),
			s.Each(aws.Key, func(key rule.Resource) []rule.Finding {
				return iampolicy.Forbid(key.Get("policy"), func(statement iampolicy.Statement) bool {
					return statement.Allows() && statement.Covers(administration...) && slices.ContainsFunc(statement.Of("AWS"), workloadOf(s))
				}, "lets a workload disable or delete the key, or change its policy")
			})...)
	},
}

// workloadOf returns a test for the ARNs of the stack's workloads.
func workloadOf(s rule.Stack) func(string) bool {
	return func(arn string) bool {
		return slices.ContainsFunc(s.Identified(arn, aws.Role), isWorkload)
	}
}

// crossings are actions that another account can allow by a policy on its resource.
var crossings = []string{
	"sts:AssumeRole", "lambda:InvokeFunction", "sqs:SendMessage", "sns:Publish", "events:PutEvents", "kinesis:PutRecord", "kinesis:PutRecords",
	"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate",
	"lambda:InvokeAsync", "lambda:InvokeFunctionUrl",
}

var ownAccountResources = rule.Rule{
	ID:       "iam-own-account-resources",
	Title:    "IAM policies allow access only to resources of the same account",
	Why:      "No rule checks resources and roles of another account, and data can leave through them.",
	Fix:      "Use the stack's account in the ARNs. For a partner's account, add an exception with the agreement as its reason.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.StrictInProd,
	Types:    append([]string{aws.Key}, permissionTypes...),
	Stack: func(s rule.Stack) []rule.Finding {
		ownAccounts := iampolicy.OwnAccounts(s)
		return eachDocument(s, func(v value.Value) []rule.Finding {
			d, findings := iampolicy.Read(v)
			for _, statement := range d.Statements {
				if !statement.Allows() || statement.Narrowed("aws:ResourceAccount", "aws:ResourceOrgID") {
					continue
				}
				for _, arn := range statement.Resource {
					findings = append(findings, forbidStranger(v, statement, arn, ownAccounts)...)
				}
			}
			return findings
		})
	},
}

func forbidStranger(v value.Value, s iampolicy.Statement, arn string, ownAccounts []string) []rule.Finding {
	parts := strings.SplitN(arn, ":", 6)
	account := iampolicy.AccountOf(arn)
	switch {
	case len(parts) < 6 || slices.Contains(ownAccounts, account) || slices.Contains(aws.Publishers, account) || pullsOnly(s):
		return nil
	case account != "" && len(ownAccounts) == 0:
		return rule.Undecidable(v, "the stack's own account is not known yet")
	case account != "":
		return rule.Violate(v, s.Name()+" allows access to a resource of another account")
	case strings.ContainsAny(parts[4], "*?") && strings.Trim(parts[5], "*?") != "" && s.Covers(crossings...):
		return rule.Violate(v, s.Name()+" allows access to resources of this name in every account")
	}
	return nil
}

// pullsOnly reports whether a statement allows only downloads of layers and images, which other rules check where they
// are configured.
func pullsOnly(s iampolicy.Statement) bool {
	pulls := []string{"lambda:GetLayerVersion", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"}
	return len(s.NotAction) == 0 && !slices.ContainsFunc(s.Action, func(a string) bool {
		return !slices.ContainsFunc(pulls, func(p string) bool { return strings.EqualFold(p, a) })
	})
}
