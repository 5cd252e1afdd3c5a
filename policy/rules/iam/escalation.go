package iam

import (
	"slices"
	"strings"

	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

// escalations are actions by which a role can raise its own privileges, if allowed on everything.
// See https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation.
var escalations = []string{
	"iam:PutRolePolicy", "iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:AttachGroupPolicy",
	"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy", "iam:CreateAccessKey", "iam:CreateLoginProfile",
	"iam:UpdateLoginProfile", "iam:AddUserToGroup", "iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary",
	"iam:DeleteRolePolicy", "iam:DetachRolePolicy", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "glue:UpdateDevEndpoint",
	// These act with the rights of another role, or on a machine that has one.
	"sts:AssumeRole", "ssm:SendCommand", "ssm:StartSession", "ssm:StartAutomationExecution", "ec2-instance-connect:SendSSHPublicKey",
}

// runners start something with a role passed to them.
var runners = []string{
	"ec2:RunInstances", "lambda:CreateFunction", "glue:CreateJob", "glue:UpdateJob", "glue:CreateDevEndpoint",
	"cloudformation:CreateStack", "ecs:RunTask", "sagemaker:CreateNotebookInstance", "datapipeline:CreatePipeline",
}

var noPrivilegeEscalation = rule.Rule{
	ID:       "iam-no-privilege-escalation",
	Title:    "No role can give itself more rights",
	Why:      "A role that may change policies, or start code with any other role, has the permissions of the most powerful role.",
	Fix:      "Drop the action, or name the one resource that it is for.",
	Sources:  "checkov CKV_AWS_286",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: func(r rule.Resource) []rule.Finding {
		findings := forbid(func(s iampolicy.Statement) bool {
			return s.Allows() && s.Broad() && s.Covers(escalations...)
		}, "lets the role change its own rights")(r)
		return append(findings, passesToRunner(r)...)
	},
}

// passesToRunner reports statements, or pairs of them, that pass any role and start something with it.
func passesToRunner(r rule.Resource) []rule.Finding {
	for _, v := range documents(r) {
		passes, _ := iampolicy.Has(v, func(s iampolicy.Statement) bool { return s.Allows() && s.Broad() && s.Covers("iam:PassRole") })
		runs, _ := iampolicy.Has(v, func(s iampolicy.Statement) bool { return s.Allows() && s.Covers(runners...) })
		if passes && runs {
			return rule.Violate(v, "any role may be passed to something that the role starts")
		}
	}
	return nil
}

// management lists actions that change who may use a resource.
var management = []string{
	"s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutBucketPublicAccessBlock", "s3:DeleteBucketPolicy", "kms:PutKeyPolicy",
	"secretsmanager:PutResourcePolicy", "lambda:AddPermission", "glue:PutResourcePolicy", "sns:AddPermission", "sns:SetTopicAttributes", "sqs:AddPermission",
}

var noPermissionsManagement = rule.Rule{
	ID:       "iam-no-permissions-management",
	Title:    "No role changes permissions of resources that it doesn't name",
	Why:      "Whoever may change a resource's policy may open it to anyone.",
	Fix:      "Name the resource; for kms:CreateGrant add a condition on kms:GrantIsForAWSResource.",
	Sources:  "checkov CKV_AWS_289; checkov CKV2_AWS_40",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		switch {
		case !s.Allows() || !s.Broad():
			return false
		case s.Covers(management...):
			return true
		case s.Covers("kms:CreateGrant") && !s.Narrowed("kms:GrantIsForAWSResource"):
			return true
		}
		return slices.ContainsFunc(s.Action, func(a string) bool {
			return strings.HasPrefix(strings.ToLower(a), "iam:") && a != "iam:PassRole" && !isRead(a)
		})
	}, "changes permissions of all resources of a kind"),
}

func isRead(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	return strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List")
}

var passRoleScoped = rule.Rule{
	ID:       "iam-passrole-scoped",
	Title:    "A role passes named roles to a named service only",
	Why:      "Whoever may pass any role to any service acts with every role of the account.",
	Fix:      "Name the exact role ARN in Resource of iam:PassRole, with a condition on iam:PassedToService.",
	Sources:  "trivy aws-iam-filter-passrole-access; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		pattern := func(arn string) bool { return strings.ContainsAny(arn, "*?") }
		return s.Allows() && s.Covers("iam:PassRole") &&
			(s.EveryResource() || slices.ContainsFunc(s.Resource, pattern) || !s.Narrowed("iam:PassedToService"))
	}, "passes roles that it doesn't name, or to any service"),
}
