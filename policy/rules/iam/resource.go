package iam

import (
	"slices"

	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

// unscoped are actions that IAM cannot limit to a resource, each with the condition keys of which one must narrow it
// where there is such a key. See the table of each service in
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
var unscoped = map[string][]string{
	"ec2:Describe*":                             nil,
	"ec2:CreateNetworkInterface":                {"ec2:Vpc", "ec2:Subnet"},
	"ec2:CreateNetworkInterfacePermission":      {"ec2:Vpc", "ec2:Subnet"},
	"ec2:DeleteNetworkInterface":                {"ec2:Vpc", "ec2:Subnet"},
	"ec2:AssignPrivateIpAddresses":              {"ec2:Vpc", "ec2:Subnet"},
	"ec2:UnassignPrivateIpAddresses":            {"ec2:Vpc", "ec2:Subnet"},
	"cloudwatch:PutMetricData":                  {"cloudwatch:namespace"},
	"cloudwatch:GetMetricData":                  nil,
	"cloudwatch:ListMetrics":                    nil,
	"ec2messages:*":                             nil,
	"ecr:GetAuthorizationToken":                 nil,
	"glue:GetJobBookmark":                       nil,
	"glue:GetSecurityConfiguration":             nil,
	"logs:DescribeLogGroups":                    nil,
	"s3:ListAllMyBuckets":                       nil,
	"secretsmanager:GetRandomPassword":          nil,
	"ssm:DescribeInstanceProperties":            nil,
	"ssm:GetDeployablePatchSnapshotForInstance": nil,
	"ssmmessages:*":                             nil,
	"sts:GetCallerIdentity":                     nil,
	"xray:Put*":                                 nil,
	"xray:GetSampling*":                         nil,
}

var noWildcardResource = rule.Rule{
	ID:       "iam-no-wildcard-resource",
	Title:    "No policy allows an action on all resources that could be limited to some",
	Why:      "A role that may touch everything of a kind touches what other systems depend on.",
	Fix:      "Name ARNs in Resource. Keep * for actions without resources, and narrow those by a condition where one exists.",
	Sources:  "cdk-nag AwsSolutions-IAM5; checkov CKV_AWS_355; checkov CKV_AWS_290; trivy aws-iam-no-policy-wildcards",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && s.EveryResource() && (len(s.NotAction) > 0 || !allUnscoped(s))
	}, "allows on all resources what could be limited to some"),
}

func allUnscoped(s iampolicy.Statement) bool {
	return !slices.ContainsFunc(s.Action, func(action string) bool {
		for pattern, keys := range unscoped {
			if iampolicy.Matches(pattern, action) && (len(keys) == 0 || s.Narrowed(keys...)) {
				return false
			}
		}
		return true
	})
}

// dataReads are actions that return data, results or credentials, or hand a copy of them to somebody else.
var dataReads = []string{
	"s3:GetObject", "s3:GetObjectVersion", "secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue",
	"ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath", "ssm:GetParameterHistory", "rds-db:connect",
	"rds-data:ExecuteStatement", "rds:ModifyDBSnapshotAttribute", "rds:DownloadCompleteDBLogFile", "rds:StartExportTask",
	"ec2:ModifySnapshotAttribute", "ec2:GetPasswordData", "athena:GetQueryResults", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan",
	"kinesis:GetRecords", "sqs:ReceiveMessage", "codecommit:GitPull",
}

var noDataExfiltration = rule.Rule{
	ID:       "iam-no-data-exfiltration",
	Title:    "Reading data, secrets and results is allowed on named resources only",
	Why:      "With these actions on everything, one role reads all data of the account.",
	Fix:      "Name the bucket, secret, parameter or workgroup in Resource.",
	Sources:  "checkov CKV_AWS_287; checkov CKV_AWS_288",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && s.Broad() && s.Covers(dataReads...)
	}, "allows reading data of all resources of a kind"),
}

var kmsDecryptScoped = rule.Rule{
	ID:       "iam-kms-decrypt-scoped",
	Title:    "Decryption is allowed with named keys only",
	Why:      "A role that may decrypt with every key of the account makes separate keys pointless.",
	Fix:      "Name the ARN of the key in Resource of kms:Decrypt.",
	Sources:  "FSBP KMS.1; FSBP KMS.2",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && s.Broad() && s.Covers("kms:Decrypt", "kms:ReEncryptFrom")
	}, "allows decryption with every key"),
}
