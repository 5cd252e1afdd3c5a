package iam

import (
	"slices"
	"strings"

	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

// unscoped lists actions that IAM cannot limit to a resource, with condition keys. If there are any, one of them
// must narrow the action. See the table of each service in
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
var unscoped = map[string][]string{
	"ec2:Describe*":                             nil,
	"ec2:CreateNetworkInterface":                {"ec2:Vpc", "ec2:Subnet"}, // See interfacesOfFunction.
	"ec2:CreateNetworkInterfacePermission":      {"ec2:Vpc", "ec2:Subnet"},
	"ec2:DeleteNetworkInterface":                {"ec2:Vpc", "ec2:Subnet", "aws:ResourceTag/", "ec2:ResourceTag/"},
	"ec2:AssignPrivateIpAddresses":              {"ec2:Vpc", "ec2:Subnet"},
	"ec2:UnassignPrivateIpAddresses":            {"ec2:Vpc", "ec2:Subnet"},
	"application-autoscaling:Describe*":         nil,
	"athena:ListDataCatalogs":                   nil,
	"athena:ListWorkGroups":                     nil,
	"autoscaling:Describe*":                     nil,
	"ce:Get*":                                   nil,
	"cloudwatch:PutMetricData":                  {"cloudwatch:namespace"},
	"cloudwatch:DescribeAlarmsForMetric":        nil,
	"cloudwatch:GetMetricData":                  nil,
	"cloudwatch:GetMetricStatistics":            nil,
	"cloudwatch:ListDashboards":                 nil,
	"cloudwatch:ListMetrics":                    nil,
	"dynamodb:ListTables":                       nil,
	"ec2messages:*":                             nil,
	"ecr:GetAuthorizationToken":                 nil,
	"elasticloadbalancing:Describe*":            nil,
	"glue:GetJobBookmark":                       nil,
	"glue:ListCrawlers":                         nil,
	"glue:ListJobs":                             nil,
	"glue:UpdateJobBookmark":                    nil,
	"glue:GetSecurityConfiguration":             nil,
	"kinesis:ListStreams":                       nil,
	"kms:GenerateRandom":                        nil,
	"kms:ListAliases":                           nil,
	"kms:ListKeys":                              nil,
	"lambda:GetAccountSettings":                 nil,
	"lambda:ListFunctions":                      nil,
	"logs:DescribeLogGroups":                    nil,
	"logs:DescribeQueries":                      nil,
	"logs:StopQuery":                            nil,
	"pricing:*":                                 nil,
	"rds:DescribeDBEngineVersions":              nil,
	"rds:DescribeOrderableDBInstanceOptions":    nil,
	"s3:ListAllMyBuckets":                       nil,
	"secretsmanager:GetRandomPassword":          nil,
	"secretsmanager:ListSecrets":                nil,
	"servicequotas:Get*":                        nil,
	"servicequotas:List*":                       nil,
	"sns:ListTopics":                            nil,
	"sqs:ListQueues":                            nil,
	"ssm:DescribeInstanceProperties":            nil,
	"ssm:DescribeParameters":                    nil,
	"ssm:GetDeployablePatchSnapshotForInstance": nil,
	"ssm:UpdateInstanceInformation":             nil,
	"ssm:UpdateInstanceAssociationStatus":       nil,
	"ssm:PutInventory":                          nil,
	"ssmmessages:*":                             nil,
	"states:ListStateMachines":                  nil,
	"sts:DecodeAuthorizationMessage":            nil,
	"sts:GetCallerIdentity":                     nil,
	"tag:Get*":                                  nil,
	"textract:DetectDocumentText":               nil,
	"xray:Put*":                                 nil,
	"xray:GetSampling*":                         nil,
}

var noWildcardResource = rule.Rule{
	ID:       "iam-no-wildcard-resource",
	Title:    "IAM policies allow actions with resource-level permissions only on specific resources",
	Why:      "A role with such a policy can change resources that other systems depend on.",
	Fix:      "List ARNs in Resource. Use * only for actions without resource-level permissions, with a condition where one exists.",
	Sources:  "cdk-nag AwsSolutions-IAM5; checkov CKV_AWS_355; checkov CKV_AWS_290; trivy aws-iam-no-policy-wildcards",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, v := range documents(r) {
			d, _ := iampolicy.Read(v) // Forbid reports unreadable documents.
			findings = append(findings, iampolicy.Forbid(v, func(s iampolicy.Statement) bool {
				everything := s.EveryResource() && !allUnscoped(s) && !interfacesOfFunction(d, s)
				return s.Allows() && (everything || s.Reaches(uses...) ||
					slices.ContainsFunc(s.Action, func(a string) bool { return isChange(a) && s.Reaches(a) }))
			}, "allows actions with resource-level permissions on all resources")...)
		}
		return findings
	},
}

// uses are actions on existing resources, one or two per service, to test patterns of actions.
var uses = []string{
	"sns:Publish", "sqs:SendMessage", "sqs:PurgeQueue", "lambda:InvokeFunction", "lambda:DeleteFunction",
	"rds:DeleteDBInstance", "rds:ModifyDBInstance", "dynamodb:DeleteTable", "dynamodb:PutItem",
	"glue:DeleteTable", "glue:UpdateTable", "glue:DeleteDatabase", "glue:DeleteJob", "kms:DisableKey",
	"kms:ScheduleKeyDeletion", "secretsmanager:DeleteSecret", "secretsmanager:UpdateSecret",
	"logs:DeleteLogGroup", "ec2:TerminateInstances", "ec2:StopInstances", "s3:DeleteBucket",
	"events:PutEvents", "kinesis:PutRecord", "ecr:PutImage", "athena:DeleteWorkGroup", "ssm:PutParameter",
	"dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:PartiQLUpdate", "events:DisableRule", "glue:StartJobRun",
	"logs:DeleteLogStream", "logs:PutRetentionPolicy", "s3:PutBucketLogging", "states:StartExecution",
}

// changes are the prefixes of the names of actions that change or use an existing resource, from the service
// authorization reference.
var changes = strings.Fields(`accept activate add apply assign associate attach authorize backtrack bypass cancel change confirm continue
	copy deactivate deauthorize decrease delete deprovision deregister derive detach disable disassociate
	dissociate enable execute export failover import increase initiate inject invoke label lock merge modify move
	notify pause promote publish purge put reboot redrive reject release remove rename replace replicate reset
	restore resume retire retry revoke rollback rotate run schedule send set sign split start stop submit
	subscribe suspend switchover synchronize terminate unassign unlabel unlock unsubscribe update upgrade`)

// isChange reports whether an action changes one or several existing resources. It excludes actions that IAM cannot limit
// to resources, tags, and log events, whose groups are often created outside the stack.
func isChange(action string) bool {
	_, name, _ := strings.Cut(strings.ToLower(action), ":")
	name = strings.TrimPrefix(strings.TrimPrefix(name, "batch"), "partiql")
	begins := slices.ContainsFunc(changes, func(verb string) bool {
		return strings.HasPrefix(name, verb) || iampolicy.Matches(name, verb+"canary7")
	})
	if !begins || name == "putlogevents" || strings.HasSuffix(name, "tags") {
		return false
	}
	for pattern := range unscoped {
		if iampolicy.Matches(pattern, action) {
			return false
		}
	}
	return true
}

// managedInterfaces are the EC2 actions of AWSLambdaVPCAccessExecutionRole.
var managedInterfaces = []string{
	"ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets",
	"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
}

// interfacesOfFunction reports whether a statement allows exactly the actions that Lambda needs to attach a function to
// a VPC, and the document denies them to the function's code. Lambda authorizes the role without a subnet, so neither
// an ARN nor a condition works: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html.
func interfacesOfFunction(d iampolicy.Document, s iampolicy.Statement) bool {
	if len(s.Action) == 0 || slices.ContainsFunc(s.Action, func(a string) bool { return !slices.Contains(managedInterfaces, a) }) {
		return false
	}
	return slices.ContainsFunc(d.Statements, func(deny iampolicy.Statement) bool {
		missing := slices.ContainsFunc(s.Action, func(a string) bool { return !slices.Contains(deny.Action, a) })
		return deny.Denies() && deny.EveryResource() && !missing && deniesCode(deny)
	})
}

// deniesCode reports whether the statement's only condition is that the caller is a named function.
func deniesCode(s iampolicy.Statement) bool {
	if len(s.Condition) != 1 {
		return false
	}
	c := s.Condition[0]
	return strings.EqualFold(c.Key, "lambda:SourceFunctionArn") && (c.Operator == "ArnEquals" || c.Operator == "ArnLike") && len(c.Values) == 1
}

// allUnscoped reports whether IAM cannot limit any of a statement's actions to resources.
func allUnscoped(s iampolicy.Statement) bool {
	return len(s.Action) > 0 && !slices.ContainsFunc(s.Action, func(action string) bool {
		for pattern, keys := range unscoped {
			if iampolicy.Matches(pattern, action) && (len(keys) == 0 || s.Narrowed(keys...)) {
				return false
			}
		}
		return true
	})
}

// dataReads are actions that return data, results or credentials, or that copy them to others.
var dataReads = []string{
	"s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectTorrent", "s3:GetObjectVersionTorrent", "s3:GetObjectVersionForReplication",
	"s3:GetObjectAnnotation", "s3:GetDataAccess", "s3:ReplicateObject", "secretsmanager:GetSecretValue",
	"secretsmanager:BatchGetSecretValue", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath",
	"ssm:GetParameterHistory", "rds-db:connect", "rds-data:ExecuteStatement", "rds-data:BatchExecuteStatement", "rds-data:ExecuteSql",
	"rds:ModifyDBSnapshotAttribute", "rds:ModifyDBClusterSnapshotAttribute", "rds:CopyDBSnapshot", "rds:CopyDBClusterSnapshot",
	"rds:RestoreDBInstanceFromDBSnapshot", "rds:RestoreDBInstanceToPointInTime", "rds:RestoreDBClusterFromSnapshot",
	"rds:RestoreDBClusterToPointInTime", "rds:CreateDBInstanceReadReplica", "rds:DownloadCompleteDBLogFile",
	"rds:DownloadDBLogFilePortion", "rds:StartExportTask", "rds:StartActivityStream",
	"ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute", "ec2:CopySnapshot", "ec2:CopyImage", "ec2:CreateStoreImageTask",
	"ec2:ExportImage", "ec2:CreateInstanceExportTask", "ec2:GetPasswordData", "ec2:GetConsoleOutput", "ec2:GetConsoleScreenshot",
	"ec2:CreateTrafficMirrorSession", "ebs:GetSnapshotBlock",
	"athena:GetQueryResults", "athena:GetQueryResultsStream", "dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query",
	"dynamodb:Scan", "dynamodb:PartiQLSelect", "dynamodb:GetRecords", "dynamodb:ExportTableToPointInTime",
	"dynamodb:RestoreTableFromBackup", "dynamodb:RestoreTableToPointInTime", "kinesis:GetRecords", "kinesis:SubscribeToShard",
	"logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery", "logs:StartLiveTail", "logs:GetLogRecord", "logs:Unmask",
	"logs:CreateExportTask", "sns:Subscribe", "sqs:ReceiveMessage", "codecommit:GitPull", "codecommit:GetFile", "codecommit:GetBlob",
	"codecommit:GetFolder", "lambda:GetFunction", "lambda:GetFunctionConfiguration", "redshift:GetClusterCredentials",
	"redshift:GetClusterCredentialsWithIAM", "redshift:RestoreFromClusterSnapshot", "redshift-data:ExecuteStatement",
	"redshift-data:BatchExecuteStatement", "redshift-data:GetStatementResult", "glue:GetConnection", "glue:GetConnections",
	"glue:GetEntityRecords", "glue:GetStatement", "events:RetrieveConnectionCredentials", "elasticfilesystem:ClientMount",
	"es:ESHttpGet", "es:ESHttpPost", "backup:StartRestoreJob", "backup:CopyFromBackupVault", "states:GetExecutionHistory",
}

var noDataExfiltration = rule.Rule{
	ID:       "iam-no-data-exfiltration",
	Title:    "IAM policies allow reading data, secrets and query results only on specific resources",
	Why:      "With these actions on all resources, one role can read all data of the account.",
	Fix:      "Set Resource to the ARN of the bucket, secret, parameter or workgroup.",
	Sources:  "checkov CKV_AWS_287; checkov CKV_AWS_288",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && s.Reaches(dataReads...)
	}, "allows reading the data of all resources of a type"),
}

var kmsDecryptScoped = rule.Rule{
	ID:       "iam-kms-decrypt-scoped",
	Title:    "IAM policies allow decryption only with specific KMS keys",
	Why:      "If a role can decrypt with every key of the account, separate keys have no effect.",
	Fix:      "Set Resource of kms:Decrypt to the ARN of the key.",
	Sources:  "FSBP KMS.1; FSBP KMS.2",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && s.Reaches("kms:Decrypt", "kms:ReEncryptFrom")
	}, "allows decryption with every key"),
}
