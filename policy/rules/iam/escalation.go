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

var noPrivilegeEscalation = rule.Rule{
	ID:       "iam-no-privilege-escalation",
	Title:    "IAM policies do not allow privilege escalation",
	Why:      "A role that can change policies, replace code, or start code with any other role effectively has the permissions of the most powerful role.",
	Fix:      "Remove the action, or limit it to the ARN of the one resource that needs it. Deploy code with the stack, not from a job or function.",
	Sources:  "checkov CKV_AWS_286",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append([]string{aws.RolePolicyAttachment}, permissionTypes...),
	Stack: func(s rule.Stack) []rule.Finding {
		changed := append(passesToRunner(s), forbidWorkloads(s, "lets a workload change code, its input or its connections", replaces)...)
		return append(eachDocument(s, func(v value.Value) []rule.Finding {
			return iampolicy.Forbid(v, func(statement iampolicy.Statement) bool {
				return statement.Allows() && (statement.Reaches(escalations...) || statement.Covers(credentials...) || statement.Covers(trusts...) ||
					statement.Covers(rewrites...) && slices.ContainsFunc(statement.Resource, roleOf(s)))
			}, "allows privilege escalation")
		}), changed...)
	},
}

// replaces reports whether a statement allows a workload to change which code runs.
func replaces(s iampolicy.Statement) bool { return s.Covers(replacements...) }

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
// pattern with fewer than six parts, a star spans several.
func namesNew(pattern string, r rule.Resource) bool {
	name, err := r.Get("name").Text()
	path, _ := r.Get("path").Text() // An unknown path counts as the default.
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

// ofIAM reports whether a pattern may match the ARN of an IAM resource, by the parts before its first star.
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

// passesToRunner reports roles that may pass any role and start something with it, in one or several documents.
func passesToRunner(s rule.Stack) []rule.Finding {
	var findings []rule.Finding
	for _, of := range permissionsByRole(s) {
		runs := slices.ContainsFunc(of, func(p permission) bool {
			return p.has(func(s iampolicy.Statement) bool { return s.Covers(runners...) })
		})
		for _, p := range of {
			passes := p.has(func(s iampolicy.Statement) bool { return s.Reaches("iam:PassRole") })
			if passes && runs {
				findings = append(findings, rule.On(p.of, rule.Violate(p.document, "the role may pass any role to a resource that it starts"))...)
			}
		}
	}
	return findings
}

// management lists actions that change who may use a resource.
var management = []string{
	"s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl", "s3:PutObjectVersionAcl", "s3:PutBucketPublicAccessBlock",
	"s3:PutAccountPublicAccessBlock", "s3:PutAccessPointPublicAccessBlock", "s3:DeleteBucketPolicy", "s3:PutAccessPointPolicy",
	"s3:DeleteAccessPointPolicy", "s3:PutAccessPointPolicyForObjectLambda", "s3:PutMultiRegionAccessPointPolicy",
	"s3:PutBucketOwnershipControls", "s3:PutReplicationConfiguration", "s3:PutBucketWebsite", "s3:CreateAccessGrant",
	"s3:CreateAccessGrantsLocation", "s3:UpdateAccessGrantsLocation", "s3:PutAccessGrantsInstanceResourcePolicy",
	"kms:PutKeyPolicy", "kms:ReplicateKey", "secretsmanager:PutResourcePolicy", "secretsmanager:DeleteResourcePolicy",
	"secretsmanager:ReplicateSecretToRegions", "lambda:AddPermission", "lambda:AddLayerVersionPermission", "lambda:PutResourcePolicy",
	"lambda:CreateFunctionUrlConfig", "lambda:UpdateFunctionUrlConfig", "glue:PutResourcePolicy", "glue:DeleteResourcePolicy",
	"lakeformation:GrantPermissions", "lakeformation:BatchGrantPermissions", "lakeformation:PutDataLakeSettings", "sns:AddPermission",
	"sns:SetTopicAttributes", "sqs:AddPermission", "sqs:SetQueueAttributes", "ssm:PutResourcePolicy", "ssm:ModifyDocumentPermission",
	"ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy", "ecr:PutRegistryPolicy", "ecr:PutReplicationConfiguration",
	"events:PutPermission", "events:PutResourcePolicy", "logs:PutResourcePolicy", "logs:PutDestinationPolicy",
	"logs:PutDeliveryDestinationPolicy", "logs:PutSubscriptionFilter", "logs:PutAccountPolicy", "dynamodb:PutResourcePolicy",
	"dynamodb:DeleteResourcePolicy", "kinesis:PutResourcePolicy", "kinesis:DeleteResourcePolicy", "ram:CreateResourceShare",
	"ram:AssociateResourceShare", "ram:UpdateResourceShare", "backup:PutBackupVaultAccessPolicy", "backup:DeleteBackupVaultAccessPolicy",
	"backup:PutBackupVaultSharingPolicy", "codebuild:PutResourcePolicy", "codebuild:UpdateProjectVisibility",
	"elasticfilesystem:PutFileSystemPolicy", "elasticfilesystem:DeleteFileSystemPolicy", "es:UpdateDomainConfig",
	"es:UpdateElasticsearchDomainConfig", "es:AuthorizeVpcEndpointAccess", "redshift:PutResourcePolicy", "redshift:AuthorizeDataShare",
	"redshift:AuthorizeEndpointAccess", "redshift:AuthorizeSnapshotAccess", "redshift:AuthorizeClusterSecurityGroupIngress",
	"rds:AuthorizeDBSecurityGroupIngress", "ec2:AuthorizeSecurityGroupIngress", "ec2:ModifySecurityGroupRules",
	"ec2:ModifyVpcEndpoint", "ec2:ModifyVpcEndpointServicePermissions", "ec2:PutResourcePolicy",
	"ec2:DisableImageBlockPublicAccess", "ec2:DisableSnapshotBlockPublicAccess", "ec2:ModifyVpcBlockPublicAccessOptions",
	"ec2:CreateVpcBlockPublicAccessExclusion", "ec2:CreateNetworkAclEntry", "ec2:ReplaceNetworkAclEntry",
}

// openings lists the actions of management that open a resource to outsiders even if the policy names it. ACLs of objects
// are excluded, because buckets with disabled ACLs ignore them.
var openings = slices.DeleteFunc(slices.Clone(management), func(action string) bool { return strings.HasPrefix(action, "s3:PutObject") })

var noPermissionsManagement = rule.Rule{
	ID:       "iam-no-permissions-management",
	Title:    "IAM policies do not allow changing who can access a resource",
	Why:      "Whoever can change the policy of a resource can open it to anyone.",
	Fix:      "Remove the action; for kms:CreateGrant, add a condition on kms:GrantIsForAWSResource.",
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
	}, "allows changing who can access a resource"),
}

// grantsToAWS reports whether only AWS services may receive a grant.
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
	Title:    "IAM policies limit iam:PassRole to specific roles and services",
	Why:      "Whoever can pass any role to any service can use the permissions of every role in the account.",
	Fix:      "Set Resource of iam:PassRole to the exact ARN of the role, and add a condition on iam:PassedToService.",
	Sources:  "trivy aws-iam-filter-passrole-access; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		pattern := func(arn string) bool { return strings.ContainsAny(arn, "*?") }
		return s.Allows() && s.Covers("iam:PassRole") &&
			(s.EveryResource() || slices.ContainsFunc(s.Resource, pattern) || !s.Narrowed("iam:PassedToService"))
	}, "allows iam:PassRole by wildcard, or to any service"),
}
