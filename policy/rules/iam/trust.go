package iam

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

// services are the services that may assume roles of a stack.
var services = []string{
	"glue.amazonaws.com", "lambda.amazonaws.com", "ec2.amazonaws.com", "vpc-flow-logs.amazonaws.com", "monitoring.rds.amazonaws.com",
	"events.amazonaws.com", "scheduler.amazonaws.com", "rds.amazonaws.com",
}

var trustSpecificPrincipal = rule.Rule{
	ID:       "iam-trust-specific-principal",
	Title:    "IAM roles trust only specific services, roles and identities",
	Why:      "Anyone can assume a role that trusts *, and anyone in an account a role that trusts the whole account.",
	Fix:      "Set Principal of AssumeRolePolicy to the one service that uses the role.",
	Sources:  "checkov CKV_AWS_60; checkov CKV_AWS_61",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.Role},
	Resource: func(r rule.Resource) []rule.Finding {
		trust := r.Get("assumeRolePolicy")
		return rule.All(
			iampolicy.Forbid(trust, trustsEveryone, "trusts everyone"),
			iampolicy.Forbid(trust, trustsAccount, "trusts a whole account without a condition on the principal"),
			iampolicy.Forbid(trust, trustsAnyIdentity, "trusts all users of an identity provider"),
			iampolicy.Forbid(trust, trustsUser, "trusts an IAM user, whose access keys never expire"),
		)
	},
}

// trustsEveryone reports whether a statement trusts everyone. Only a condition on the caller's ARN limits it to named callers.
func trustsEveryone(s iampolicy.Statement) bool {
	_, named := s.ConditionOn("aws:PrincipalArn")
	return s.AllowsStrangers() && (!named || !s.NamesCaller())
}

func trustsAccount(s iampolicy.Statement) bool {
	whole := func(id string) bool { return strings.HasSuffix(id, ":root") || !strings.Contains(id, ":") && id != "*" }
	return s.Allows() && slices.ContainsFunc(s.Of("AWS"), whole) && !s.NamesCaller()
}

// trustsAnyIdentity reports whether a statement trusts an identity provider without naming its users. GitHub,
// for example, signs tokens for every repository:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
func trustsAnyIdentity(s iampolicy.Statement) bool {
	if !s.Allows() || len(s.Of("Federated")) == 0 {
		return false
	}
	return trustsGuests(s) || !slices.ContainsFunc(s.Condition, func(c iampolicy.Condition) bool {
		key := strings.ToLower(c.Key)
		subject := strings.HasSuffix(key, ":sub") || strings.HasPrefix(key, "saml:sub") || strings.HasSuffix(key, ":aud") && strings.HasPrefix(key, "cognito-identity")
		return subject && s.Narrowed(c.Key)
	})
}

// trustsGuests reports whether a statement trusts guests of a Cognito identity pool. Without a condition on amr, the
// pool's identities include guests:
// https://docs.aws.amazon.com/cognito/latest/developerguide/role-trust-and-permissions.html
func trustsGuests(s iampolicy.Statement) bool {
	const methods = "cognito-identity.amazonaws.com:amr"
	if !slices.Contains(s.Of("Federated"), "cognito-identity.amazonaws.com") || s.Narrowed("cognito-identity.amazonaws.com:sub") {
		return false
	}
	values, narrowed := s.ConditionOn(methods)
	return !narrowed || slices.ContainsFunc(values, func(value string) bool { return iampolicy.Matches(value, "unauthenticated") })
}

func trustsUser(s iampolicy.Statement) bool {
	return s.Allows() && slices.ContainsFunc(s.Of("AWS"), func(id string) bool {
		parts := strings.SplitN(id, ":", 6)
		return len(parts) == 6 && parts[2] == "iam" && strings.HasPrefix(parts[5], "user/")
	})
}

var trustOwnAccount = rule.Rule{
	ID:       "iam-trust-own-account",
	Title:    "IAM roles trust only principals of the same account",
	Why:      "The other account decides who may use its roles, and its changes are not visible here.",
	Fix:      "Trust a role of this account; use single sign-on for people of another account.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Role, aws.Key},
	Stack: func(s rule.Stack) []rule.Finding {
		ownAccounts := iampolicy.OwnAccounts(s)
		return s.Each(aws.Role, func(role rule.Resource) []rule.Finding {
			return iampolicy.ForbidOtherAccounts(role.Get("assumeRolePolicy"), ownAccounts)
		})
	},
}

// trustsUnusedService returns a test for statements that trust a service without a resource in the stack.
func trustsUnusedService(s rule.Stack) func(iampolicy.Statement) bool {
	unused := func(id string) bool { return id != "*" && !slices.Contains(services, id) && !usesService(s, id) }
	return func(statement iampolicy.Statement) bool {
		return statement.Allows() && slices.ContainsFunc(statement.Of("Service"), unused)
	}
}

// modules maps principals of services to modules of pulumi-aws with another name.
var modules = map[string]string{
	"ecs-tasks": "ecs", "states": "sfn", "es": "opensearch", "opensearchservice": "opensearch", "config": "cfg", "elasticmapreduce": "emr",
	"firehose": "kinesis", "edgelambda": "cloudfront", "eks-fargate-pods": "eks", "airflow": "mwaa", "airflow-env": "mwaa", "logs": "cloudwatch",
}

// usesService reports whether the stack has a resource of the service with a principal, such as ecs-tasks.amazonaws.com.
func usesService(s rule.Stack, principal string) bool {
	name, isAWS := strings.CutSuffix(principal, ".amazonaws.com")
	if !isAWS {
		return false
	}
	name = name[strings.LastIndex(name, ".")+1:] // pods.eks.amazonaws.com
	if module, renamed := modules[name]; renamed {
		name = module
	}
	return slices.ContainsFunc(s.Resources, func(r rule.Resource) bool {
		module, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(r.Type, "aws:"), "aws-native:"), "/")
		module, _, _ = strings.Cut(module, ":")
		return module == name
	})
}

var trustConfusedDeputy = rule.Rule{
	ID:       "iam-trust-confused-deputy",
	Title:    "Roles for VPC flow logs, EventBridge, EventBridge Scheduler and RDS monitoring trust the service only for this account",
	Why:      "The service acts for all AWS customers: without a condition, another account may make it use your role.",
	Fix:      "Add a condition on aws:SourceAccount to the statement.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Role},
	Resource: func(r rule.Resource) []rule.Finding {
		// Glue and Lambda do not always set the key, so they are exempt.
		acting := []string{"vpc-flow-logs.amazonaws.com", "events.amazonaws.com", "monitoring.rds.amazonaws.com", "scheduler.amazonaws.com"}
		return iampolicy.Forbid(r.Get("assumeRolePolicy"), func(s iampolicy.Statement) bool {
			return s.ServesAnyone() &&
				slices.ContainsFunc(s.Of("Service"), func(id string) bool { return slices.Contains(acting, id) })
		}, "lets the service act for any account")
	},
}

var sessionDuration = rule.Rule{
	ID:       "iam-session-duration",
	Title:    "IAM role sessions last at most one hour",
	Why:      "Stolen session credentials work until the session ends.",
	Fix:      "Remove MaxSessionDuration, or set it to 3600.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.Role},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("maxSessionDuration"), matcher.MissingOr(matcher.AtMost(3600)), "a session may last longer than an hour")
	},
}

var oneServicePerRole = rule.Rule{
	ID:       "iam-one-service-per-role",
	Title:    "IAM roles trust at most one service and are used by one kind of workload",
	Why:      "A shared role has the combined permissions of all its users.",
	Fix:      "Create separate roles for jobs, crawlers, functions and instances, each trusting one service.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Role, aws.GlueJob, aws.GlueCrawler, aws.Function, aws.InstanceProfile},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Role, func(role rule.Resource) []rule.Finding {
			trust := role.Get("assumeRolePolicy")
			d, findings := iampolicy.Read(trust)
			if len(findings) == 0 {
				findings = iampolicy.Forbid(trust, trustsUnusedService(s), "trusts a service that the stack does not use")
			}
			var trusted []string
			for _, statement := range d.Statements {
				trusted = append(trusted, statement.Of("Service")...)
			}
			if len(slices.Compact(trusted)) > 1 {
				findings = append(findings, rule.Violate(trust, "the role trusts more than one service")...)
			}
			if len(users(s, role)) > 1 {
				findings = append(findings, rule.Violate(role.Get(), "the role is shared by "+strings.Join(users(s, role), " and "))...)
			}
			return findings
		})
	},
}

// users returns the types of resources that use a role.
func users(s rule.Stack, role rule.Resource) []string {
	var kinds []string
	for _, use := range []struct{ kind, resourceType, property string }{
		{"jobs", aws.GlueJob, "roleArn"}, {"crawlers", aws.GlueCrawler, "role"}, {"functions", aws.Function, "role"}, {"instances", aws.InstanceProfile, "role"},
	} {
		if found, _ := s.Referrers(use.resourceType, use.property, role); len(found) > 0 {
			kinds = append(kinds, use.kind)
		}
	}
	return kinds
}

// userTypes are types that create users, their keys or passwords, or grant them permissions.
var userTypes = []string{
	aws.User, aws.AccessKey, aws.UserPolicy, aws.UserPolicyAttachment, aws.UserLoginProfile, aws.Group, aws.GroupPolicy, aws.GroupPolicyAttachment,
	aws.PolicyAttachment,
}

var noUsersOrKeys = rule.Rule{
	ID:       "iam-no-users-or-keys",
	Title:    "The stack has no IAM users, groups or access keys",
	Why:      "Access keys never expire and are easily copied.",
	Fix:      "Use roles: services assume them directly, people through single sign-on.",
	Sources:  "FSBP IAM.2; FSBP IAM.3; trivy aws-iam-no-user-attached-policies; pulumi aws-iam-policy-attachment-only-attachment-through-groups; pulumi aws-iam-user-policy-attachment-only-attachment-through-groups; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    userTypes,
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, r := range s.Of(userTypes...) {
			findings = append(findings, rule.On(r, rule.Violate(r.Get(), "the resource type is not allowed in the stack"))...)
		}
		return findings
	},
}
