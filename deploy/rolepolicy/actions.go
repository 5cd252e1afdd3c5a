package rolepolicy

import "strings"

// teardownActions maps an action that creates resources to the actions with which the AWS
// provider changes and deletes them. Actions that do all of that, such as
// s3:PutBucketLogging, are not listed.
// https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
var teardownActions = map[string][]string{
	"athena:GetNamedQuery":   {"athena:DeleteNamedQuery", "athena:UpdateNamedQuery"},
	"athena:CreateWorkGroup": {"athena:DeleteWorkGroup", "athena:UpdateWorkGroup"},
	"athena:TagResource":     {"athena:UntagResource"},

	"budgets:TagResource": {"budgets:UntagResource"},

	"cloudwatch:PutDashboard":   {"cloudwatch:DeleteDashboards"},
	"cloudwatch:PutMetricAlarm": {"cloudwatch:DeleteAlarms"},
	"cloudwatch:TagResource":    {"cloudwatch:UntagResource"},

	"ec2:AllocateAddress":     {"ec2:ReleaseAddress", "ec2:DisassociateAddress"},
	"ec2:AssociateRouteTable": {"ec2:DisassociateRouteTable", "ec2:ReplaceRouteTableAssociation"},
	// The request contains only the ID of the association, not of the route table.
	"ec2:DescribeRouteTables":           {"ec2:DisassociateRouteTable"},
	"ec2:AttachInternetGateway":         {"ec2:DetachInternetGateway"},
	"ec2:AuthorizeSecurityGroupEgress":  {"ec2:RevokeSecurityGroupEgress", "ec2:ModifySecurityGroupRules"},
	"ec2:AuthorizeSecurityGroupIngress": {"ec2:RevokeSecurityGroupIngress", "ec2:ModifySecurityGroupRules"},
	"ec2:CreateFlowLogs":                {"ec2:DeleteFlowLogs"},
	"ec2:CreateInternetGateway":         {"ec2:DeleteInternetGateway"},
	"ec2:CreateNatGateway":              {"ec2:DeleteNatGateway"},
	"ec2:CreateRoute":                   {"ec2:DeleteRoute", "ec2:ReplaceRoute"},
	"ec2:CreateRouteTable":              {"ec2:DeleteRouteTable"},
	"ec2:CreateSecurityGroup":           {"ec2:DeleteSecurityGroup"},
	"ec2:CreateSubnet":                  {"ec2:DeleteSubnet", "ec2:ModifySubnetAttribute"},
	"ec2:CreateTags":                    {"ec2:DeleteTags"},
	"ec2:CreateVpc":                     {"ec2:DeleteVpc", "ec2:ModifyVpcAttribute"},
	"ec2:CreateVpcEndpoint":             {"ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"},
	// Before it deletes a subnet or group, the provider waits until it is unused.
	"ec2:DescribeSecurityGroups": {"ec2:DescribeNetworkInterfaces"},
	"ec2:DescribeInstances":      {"ec2:DescribeVolumesModifications"},
	"ec2:RunInstances": {"ec2:TerminateInstances", "ec2:StopInstances", "ec2:StartInstances", "ec2:ModifyInstanceAttribute", "ec2:ModifyInstanceMetadataOptions",
		"ec2:ModifyNetworkInterfaceAttribute", "ec2:ModifyVolume"},

	"events:PutRule":     {"events:DeleteRule"},
	"events:PutTargets":  {"events:RemoveTargets"},
	"events:TagResource": {"events:UntagResource"},

	"glue:GetConnection":               {"glue:DeleteConnection", "glue:UpdateConnection"},
	"glue:CreateCrawler":               {"glue:DeleteCrawler", "glue:UpdateCrawler"},
	"glue:CreateDatabase":              {"glue:DeleteDatabase", "glue:UpdateDatabase"},
	"glue:CreateJob":                   {"glue:DeleteJob", "glue:UpdateJob"},
	"glue:CreateSecurityConfiguration": {"glue:DeleteSecurityConfiguration"},
	"glue:CreateTable":                 {"glue:DeleteTable", "glue:UpdateTable"},
	"glue:CreateTrigger":               {"glue:DeleteTrigger", "glue:UpdateTrigger", "glue:StartTrigger", "glue:StopTrigger"},
	"glue:CreateWorkflow":              {"glue:DeleteWorkflow", "glue:UpdateWorkflow"},
	"glue:TagResource":                 {"glue:UntagResource"},

	"iam:AddRoleToInstanceProfile": {"iam:RemoveRoleFromInstanceProfile"},
	"iam:CreateInstanceProfile":    {"iam:DeleteInstanceProfile"},
	"iam:CreateRole": {"iam:DeleteRole", "iam:UpdateRole", "iam:UpdateRoleDescription", "iam:UpdateAssumeRolePolicy", "iam:ListInstanceProfilesForRole",
		"iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary"},
	"iam:PutRolePolicy":      {"iam:DeleteRolePolicy"},
	"iam:TagInstanceProfile": {"iam:UntagInstanceProfile"},
	"iam:TagRole":            {"iam:UntagRole"},

	"kms:CreateAlias": {"kms:DeleteAlias", "kms:UpdateAlias"},
	// kms:CreateKey has no resource; the provider calls this action right after it.
	"kms:EnableKeyRotation": {"kms:ScheduleKeyDeletion", "kms:DisableKeyRotation", "kms:PutKeyPolicy", "kms:UpdateKeyDescription"},
	"kms:TagResource":       {"kms:UntagResource"},

	"lambda:AddPermission":  {"lambda:RemovePermission"},
	"lambda:CreateFunction": {"lambda:DeleteFunction", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"},
	"lambda:TagResource":    {"lambda:UntagResource"},

	"lambda:CreateEventSourceMapping": {"lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"},

	"logs:CreateLogGroup":     {"logs:DeleteLogGroup", "logs:AssociateKmsKey", "logs:DisassociateKmsKey"},
	"logs:PutRetentionPolicy": {"logs:DeleteRetentionPolicy"},
	"logs:TagResource":        {"logs:UntagResource"},

	"rds:AddTagsToResource":      {"rds:RemoveTagsFromResource"},
	"rds:CreateDBInstance":       {"rds:DeleteDBInstance", "rds:ModifyDBInstance", "rds:RebootDBInstance", "rds:CreateDBSnapshot"},
	"rds:CreateDBParameterGroup": {"rds:DeleteDBParameterGroup", "rds:ModifyDBParameterGroup", "rds:ResetDBParameterGroup"},
	"rds:CreateDBSubnetGroup":    {"rds:DeleteDBSubnetGroup", "rds:ModifyDBSubnetGroup"},

	"s3:CreateBucket":     {"s3:DeleteBucket", "s3:ListBucketVersions"},
	"s3:PutBucketPolicy":  {"s3:DeleteBucketPolicy"},
	"s3:PutObject":        {"s3:DeleteObject", "s3:DeleteObjectVersion"},
	"s3:PutObjectTagging": {"s3:DeleteObjectTagging"},

	"secretsmanager:CreateSecret":   {"secretsmanager:DeleteSecret", "secretsmanager:UpdateSecret", "secretsmanager:GetResourcePolicy"},
	"secretsmanager:PutSecretValue": {"secretsmanager:UpdateSecretVersionStage"},
	"secretsmanager:RotateSecret":   {"secretsmanager:CancelRotateSecret"},
	"secretsmanager:TagResource":    {"secretsmanager:UntagResource"},

	"sns:CreateTopic": {"sns:DeleteTopic"},
	"sns:Subscribe":   {"sns:Unsubscribe", "sns:SetSubscriptionAttributes"},
	"sns:TagResource": {"sns:UntagResource"},

	"sqs:CreateQueue": {"sqs:DeleteQueue", "sqs:SetQueueAttributes"},
	"sqs:TagQueue":    {"sqs:UntagQueue"},
}

// contents are actions on the contents of a resource.
type contents struct {
	actions []string
	of      func(resource string) []string
}

// teardownInside is like teardownActions, for the contents of the resources.
var teardownInside = map[string]contents{
	// An update may enable an endpoint's private names, which are in zones of AWS.
	"ec2:CreateVpcEndpoint": {[]string{"route53:AssociateVPCWithHostedZone"}, func(resource string) []string {
		if strings.Contains(resource, ":subnet/") {
			return []string{"*"}
		}
		return nil
	}},
	// Before it deletes a subnet or group, the provider deletes interfaces that Lambda has left in it.
	"ec2:CreateSubnet": {[]string{"ec2:DeleteNetworkInterface"}, func(resource string) []string {
		account, _, found := strings.Cut(resource, ":subnet/")
		if !found {
			return nil
		}
		return []string{account + ":network-interface/*"}
	}},
	// These actions cannot be limited to resources.
	"ec2:CreateFlowLogs": {[]string{"logs:CreateLogDelivery", "logs:DeleteLogDelivery"}, func(string) []string { return []string{"*"} }},
	// A bucket is emptied before it is deleted.
	"s3:CreateBucket": {[]string{"s3:DeleteObject", "s3:DeleteObjectVersion"}, func(bucket string) []string { return []string{bucket + "/*"} }},
	// Glue requires the permission for all tables and functions of the deleted database.
	// https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
	"glue:CreateDatabase": {[]string{"glue:DeleteDatabase"}, func(resource string) []string {
		account, name, found := strings.Cut(resource, ":database/")
		if !found {
			return nil
		}
		return []string{account + ":table/" + name + "/*", account + ":userDefinedFunction/" + name + "/*"}
	}},
}
