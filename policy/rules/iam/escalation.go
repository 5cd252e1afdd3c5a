package iam

import (
	"cmp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// escalations are actions by which a role can raise its own privileges, if allowed on resources that it does not name.
// See https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation.
var escalations = append([]string{
	"iam:AddUserToGroup", "lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration",
	"lambda:UpdateEventSourceMapping", "glue:UpdateDevEndpoint", "glue:CreateDevEndpoint", "glue:UpdateJob",
	// These act with the rights of another role, or on a machine that has one.
	"sts:AssumeRole", "sts:GetFederationToken", "ssm:SendCommand", "ssm:StartSession", "ssm:StartAutomationExecution",
	"ec2-instance-connect:SendSSHPublicKey", "ec2:ModifyInstanceAttribute", "ec2:AssociateIamInstanceProfile",
	"ec2:ReplaceIamInstanceProfileAssociation", "ecs:ExecuteCommand", "codebuild:StartBuild", "codebuild:UpdateProject",
	"cloudformation:UpdateStack", "cloudformation:CreateChangeSet", "states:UpdateStateMachine", "events:PutTargets",
	"scheduler:UpdateSchedule", "datapipeline:PutPipelineDefinition", "sagemaker:CreatePresignedNotebookInstanceUrl",
}, append(rewrites, credentials...)...)

// rewrites change what a role may do, or who has it.
var rewrites = []string{
	"iam:PutRolePolicy", "iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy",
	"iam:AttachGroupPolicy", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy",
	"iam:PutRolePermissionsBoundary", "iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary",
	"iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:CreateOpenIDConnectProvider", "iam:CreateSAMLProvider",
	"iam:UpdateSAMLProvider", "iam:AddClientIDToOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint",
}

// credentials make new credentials of a user, who has other rights than the role.
var credentials = []string{
	"iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:UploadSSHPublicKey",
	"iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential", "iam:DeactivateMFADevice",
	"iam:CreateVirtualMFADevice",
}

// runners start something with a role passed to them.
var runners = []string{
	"ec2:RunInstances", "lambda:CreateFunction", "glue:CreateJob", "glue:UpdateJob", "glue:CreateDevEndpoint",
	"cloudformation:CreateStack", "ecs:RunTask", "ecs:RegisterTaskDefinition", "sagemaker:CreateNotebookInstance",
	"sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob", "datapipeline:CreatePipeline", "codebuild:CreateProject",
	"states:CreateStateMachine", "ssm:StartAutomationExecution", "scheduler:CreateSchedule", "emr-serverless:StartJobRun",
}

var noPrivilegeEscalation = rule.Rule{
	ID:       "iam-no-privilege-escalation",
	Title:    "No role can give itself more rights",
	Why:      "A role that may change policies, replace code, or start code with any other role, has the permissions of the most powerful role.",
	Fix:      "Drop the action, or name the one resource that it is for. Code is replaced by the stack's update, not by a job or function.",
	Sources:  "checkov CKV_AWS_286",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append([]string{aws.RolePolicyAttachment}, permissionTypes...),
	Stack: func(s rule.Stack) []rule.Finding {
		changed := append(passesToRunner(s), forbidWorkloads(s, "lets a workload change code that runs", replacements...)...)
		return append(eachDocument(s, func(v value.Value) []rule.Finding {
			return iampolicy.Forbid(v, func(statement iampolicy.Statement) bool {
				return statement.Allows() && (statement.Reaches(escalations...) || statement.Covers(credentials...) ||
					statement.Covers(rewrites...) && slices.ContainsFunc(statement.Resource, roleOf(s)))
			}, "lets the role change its own rights")
		}), changed...)
	},
}

// roleOf returns a test for patterns that match a role or a policy of the stack.
func roleOf(s rule.Stack) func(string) bool {
	return func(pattern string) bool {
		return slices.ContainsFunc(s.Of(aws.Role, aws.Policy), func(r rule.Resource) bool {
			if arn := r.OwnARN(); arn != "" {
				return iampolicy.MatchesARN(pattern, arn)
			}
			return namesNew(pattern, r)
		})
	}
}

// namesNew reports whether a pattern matches the name of a role or policy that does not exist yet, in any account. In a
// pattern with fewer than six parts a star spans several.
func namesNew(pattern string, r rule.Resource) bool {
	name, err := r.Get("name").Text()
	path, _ := r.Get("path").Text() // One that is not known yet is the default.
	kind := map[string]string{aws.Role: "role", aws.Policy: "policy"}[r.Type]
	if err != nil || name == "" || !ofIAM(pattern) {
		return false
	}
	parts, resource := strings.SplitN(pattern, ":", 6), kind+cmp.Or(path, "/")+name
	last := parts[len(parts)-1]
	if len(parts) == 6 {
		return iampolicy.MatchesARN(last, resource)
	}
	return iampolicy.MatchesARN(last[max(strings.IndexAny(last, "*$"), 0):], resource) || iampolicy.MatchesARN(pattern, "arn:aws:iam::123456789012:"+resource)
}

// ofIAM reports whether a pattern may match the ARN of something of IAM, by what it has before anything that a star spans.
func ofIAM(pattern string) bool {
	if parts := strings.SplitN(pattern, ":", 6); len(parts) == 6 {
		return iampolicy.MatchesARN(parts[2], "iam")
	}
	begin := pattern
	if star := strings.IndexAny(pattern, "*?$"); star >= 0 {
		begin = pattern[:star]
	}
	parts := strings.SplitN(begin, ":", 3)
	return len(parts) < 3 || strings.HasPrefix(parts[2], "iam:") || strings.HasPrefix("iam:", parts[2])
}

// passesToRunner reports roles that may pass any role and start something with it, by one document or several.
func passesToRunner(s rule.Stack) []rule.Finding {
	var findings []rule.Finding
	for _, of := range permissionsByRole(s) {
		runs := slices.ContainsFunc(of, func(p permission) bool {
			return p.has(func(s iampolicy.Statement) bool { return s.Covers(runners...) })
		})
		for _, p := range of {
			passes := p.has(func(s iampolicy.Statement) bool { return s.Reaches("iam:PassRole") })
			if passes && runs {
				findings = append(findings, rule.On(p.of, rule.Violate(p.document, "any role may be passed to something that the role starts"))...)
			}
		}
	}
	return findings
}

// management lists actions that change who may use a resource.
var management = []string{
	"s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:PutBucketPublicAccessBlock",
	"s3:PutAccountPublicAccessBlock", "s3:DeleteBucketPolicy", "s3:PutAccessPointPolicy", "s3:PutBucketOwnershipControls",
	"s3:PutReplicationConfiguration", "s3:PutBucketWebsite", "kms:PutKeyPolicy", "kms:ReplicateKey",
	"secretsmanager:PutResourcePolicy", "secretsmanager:ReplicateSecretToRegions", "lambda:AddPermission",
	"lambda:AddLayerVersionPermission", "lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig",
	"glue:PutResourcePolicy", "lakeformation:GrantPermissions", "sns:AddPermission", "sns:SetTopicAttributes",
	"sqs:AddPermission", "sqs:SetQueueAttributes", "ecr:SetRepositoryPolicy", "events:PutPermission",
	"logs:PutResourcePolicy", "dynamodb:PutResourcePolicy", "kinesis:PutResourcePolicy", "ram:CreateResourceShare",
	"backup:PutBackupVaultAccessPolicy", "elasticfilesystem:PutFileSystemPolicy", "es:UpdateDomainConfig",
	"ec2:AuthorizeSecurityGroupIngress", "ec2:ModifySecurityGroupRules", "ec2:ModifyVpcEndpoint",
}

// openings lists the actions of management that open a resource to strangers even if the role names it. Not among
// them are ACLs of objects, which a bucket that its owner controls ignores.
var openings = slices.DeleteFunc(slices.Clone(management), func(action string) bool { return strings.HasPrefix(action, "s3:PutObject") })

var noPermissionsManagement = rule.Rule{
	ID:       "iam-no-permissions-management",
	Title:    "No role changes who may use a resource",
	Why:      "Whoever may change a resource's policy may open it to anyone.",
	Fix:      "Drop the action; for kms:CreateGrant add a condition on kms:GrantIsForAWSResource.",
	Sources:  "checkov CKV_AWS_289; checkov CKV2_AWS_40",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		switch {
		case !s.Allows():
			return false
		case s.Reaches(management...), s.Covers(openings...):
			return true
		case s.Covers("kms:CreateGrant") && !grantsToAWS(s):
			return true
		}
		return slices.ContainsFunc(s.Action, func(a string) bool {
			return strings.HasPrefix(strings.ToLower(a), "iam:") && !strings.EqualFold(a, "iam:PassRole") && !isRead(a) && s.Reaches(a)
		})
	}, "changes who may use a resource"),
}

// grantsToAWS reports whether only services of AWS may get a grant.
func grantsToAWS(s iampolicy.Statement) bool {
	values, narrow := s.ConditionOn("kms:GrantIsForAWSResource")
	return narrow && slices.Equal(values, []string{"true"})
}

func isRead(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "get") || strings.HasPrefix(name, "list")
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
