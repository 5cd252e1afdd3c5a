package iam

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// isWorkload reports whether a service of AWS assumes a role, for a job, a function or a machine. People and
// pipelines that deploy assume theirs directly. A trust policy that is not readable yet counts as a service's.
func isWorkload(role rule.Resource) bool {
	d, unreadable := iampolicy.Read(role.Get("assumeRolePolicy"))
	return len(unreadable) > 0 || slices.ContainsFunc(d.Statements, func(s iampolicy.Statement) bool {
		return s.Allows() && len(s.Of("Service")) > 0
	})
}

// workloadPermissions returns the documents of the stack's workloads, and those of roles that the stack does not
// have.
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

// forbidWorkloads reports the statements of workloads that allow one of the actions, on any resource.
func forbidWorkloads(s rule.Stack, message string, actions ...string) []rule.Finding {
	var findings []rule.Finding
	for _, p := range workloadPermissions(s) {
		findings = append(findings, rule.On(p.of, iampolicy.Forbid(p.document, func(s iampolicy.Statement) bool {
			return s.Allows() && s.Covers(actions...)
		}, message))...)
	}
	return findings
}

// replacements change which code runs, with which input, or where it connects to. On a named function or job too,
// they lend a workload the rights of another, or keep what broke into it there.
var replacements = []string{
	"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "glue:UpdateJob", "glue:CreateTrigger", "glue:UpdateTrigger",
	"glue:UpdateWorkflow", "glue:UpdateConnection", "states:UpdateStateMachine", "codebuild:UpdateProject",
	"cloudformation:UpdateStack", "cloudformation:CreateChangeSet", "ecs:UpdateService",
}

// destructions delete what keeps data, or switch off what guards or records it.
var destructions = []string{
	"kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DisableKeyRotation", "kms:DeleteImportedKeyMaterial",
	"secretsmanager:DeleteSecret", "s3:DeleteBucket", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention",
	"s3:PutBucketVersioning", "s3:PutLifecycleConfiguration", "s3:PutEncryptionConfiguration", "s3:PutBucketObjectLockConfiguration",
	"rds:DeleteDBInstance", "rds:DeleteDBCluster", "rds:DeleteDBSnapshot", "rds:DeleteDBClusterSnapshot",
	"rds:DeleteDBInstanceAutomatedBackup", "rds:ModifyDBInstance", "rds:ModifyDBCluster",
	"logs:DeleteLogGroup", "logs:DisassociateKmsKey", "cloudtrail:StopLogging", "cloudtrail:DeleteTrail", "cloudtrail:UpdateTrail",
	"cloudtrail:PutEventSelectors", "backup:DeleteRecoveryPoint", "backup:DeleteBackupVault", "backup:DeleteBackupPlan",
	"backup:DeleteBackupVaultLockConfiguration", "guardduty:DeleteDetector", "guardduty:UpdateDetector",
	"config:StopConfigurationRecorder", "config:DeleteConfigurationRecorder", "config:DeleteDeliveryChannel",
	"securityhub:DisableSecurityHub", "access-analyzer:DeleteAnalyzer", "ec2:DeleteFlowLogs", "cloudwatch:DeleteAlarms",
	"cloudwatch:DisableAlarmActions", "dynamodb:DeleteTable", "dynamodb:DeleteBackup", "dynamodb:UpdateContinuousBackups",
	"glue:DeleteDatabase", "glue:DeleteJob", "lambda:DeleteFunction", "states:DeleteStateMachine", "sns:DeleteTopic", "sqs:DeleteQueue",
	"kinesis:DeleteStream", "firehose:DeleteDeliveryStream", "ecr:DeleteRepository", "elasticfilesystem:DeleteFileSystem",
	"redshift:DeleteCluster", "es:DeleteDomain", "organizations:LeaveOrganization",
}

// administration are the actions on a key that no user of it needs.
var administration = []string{"kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:PutKeyPolicy", "kms:DeleteImportedKeyMaterial"}

var noDestruction = rule.Rule{
	ID:       "iam-no-destruction",
	Title:    "No workload deletes what keeps data, or switches off what guards it",
	Why:      "Whoever breaks into a job or function deletes the data with its backups, and the traces.",
	Fix:      "Drop the action: resources are deleted by the stack's own update, and their contents by object, row or message.",
	Sources:  "project; checkov CKV_AWS_290",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append([]string{aws.Key, aws.RolePolicyAttachment}, permissionTypes...),
	Stack: func(s rule.Stack) []rule.Finding {
		return append(forbidWorkloads(s, "deletes what keeps data, or switches off what guards it", destructions...),
			s.Each(aws.Key, func(key rule.Resource) []rule.Finding {
				return iampolicy.Forbid(key.Get("policy"), func(statement iampolicy.Statement) bool {
					return statement.Allows() && statement.Covers(administration...) && slices.ContainsFunc(statement.Of("AWS"), workloadOf(s))
				}, "lets a workload delete the key or change who may use it")
			})...)
	},
}

// workloadOf returns a test for the ARNs of the stack's workloads.
func workloadOf(s rule.Stack) func(string) bool {
	return func(arn string) bool {
		return slices.ContainsFunc(s.Identified(arn, aws.Role), isWorkload)
	}
}

// crossings are actions that another account can admit by a policy on its resource.
var crossings = []string{
	"sts:AssumeRole", "lambda:InvokeFunction", "sqs:SendMessage", "sns:Publish", "events:PutEvents", "kinesis:PutRecord", "kinesis:PutRecords",
	"dynamodb:PutItem",
}

var ownAccountResources = rule.Rule{
	ID:       "iam-own-account-resources",
	Title:    "Roles reach resources of the same account only",
	Why:      "What a role writes to, calls or becomes in another account is out of sight here, and data leaves by it.",
	Fix:      "Write the stack's account into the ARNs. For a partner, write an exception with the agreement as its reason.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.StrictInProd,
	Types:    append([]string{aws.Key}, permissionTypes...),
	Stack: func(s rule.Stack) []rule.Finding {
		own := iampolicy.OwnAccounts(s)
		return eachDocument(s, func(v value.Value) []rule.Finding {
			d, findings := iampolicy.Read(v)
			for _, statement := range d.Statements {
				if !statement.Allows() || statement.Narrowed("aws:ResourceAccount", "aws:ResourceOrgID") {
					continue
				}
				for _, arn := range statement.Resource {
					findings = append(findings, forbidStranger(v, statement, arn, own)...)
				}
			}
			return findings
		})
	},
}

func forbidStranger(v value.Value, s iampolicy.Statement, arn string, own []string) []rule.Finding {
	parts := strings.SplitN(arn, ":", 6)
	account := iampolicy.AccountOf(arn)
	switch {
	case len(parts) < 6 || slices.Contains(own, account) || slices.Contains(aws.Publishers, account) || pullsOnly(s):
		return nil
	case account != "" && len(own) == 0:
		return rule.Undecidable(v, "the stack's own account is not known yet")
	case account != "":
		return rule.Violate(v, s.Name()+" reaches a resource of another account")
	case strings.ContainsAny(parts[4], "*?") && strings.Trim(parts[5], "*?") != "" && s.Covers(crossings...):
		return rule.Violate(v, s.Name()+" reaches resources of that name in every account")
	}
	return nil
}

// pullsOnly reports whether a statement allows only what a workload needs to get its layers and images, which
// other rules check where they are named.
func pullsOnly(s iampolicy.Statement) bool {
	pulls := []string{"lambda:GetLayerVersion", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"}
	return len(s.NotAction) == 0 && !slices.ContainsFunc(s.Action, func(a string) bool {
		return !slices.ContainsFunc(pulls, func(p string) bool { return strings.EqualFold(p, a) })
	})
}
