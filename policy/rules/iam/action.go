package iam

import (
	"slices"
	"strings"

	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

var noAdminStatement = rule.Rule{
	ID:       "iam-no-admin-statement",
	Title:    "IAM policies do not allow all actions on all resources",
	Why:      "Whoever obtains such permissions controls the account.",
	Fix:      "List the actions and the ARNs that the role needs.",
	Sources:  "FSBP IAM.1; cdk-nag AwsSolutions-IAM5; cdk-nag NIST.800.53.R5-IAMPolicyNoStatementsWithAdminAccess; checkov CKV_AWS_62",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && s.EveryAction() && s.EveryResource()
	}, "allows all actions on all resources"),
}

var noWildcardAction = rule.Rule{
	ID:       "iam-no-wildcard-action",
	Title:    "IAM policies do not allow all actions of a service",
	Why:      "Such a policy allows deletion, permission changes, and every action that the service adds later.",
	Fix:      "List the actions that the role needs.",
	Sources:  "FSBP IAM.21; cdk-nag AwsSolutions-IAM5; cdk-nag NIST.800.53.R5-IAMPolicyNoStatementsWithFullAccess; checkov CKV_AWS_63; checkov CKV2_AWS_40; trivy aws-iam-no-policy-wildcards; trivy aws-iam-no-s3-full-access",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && s.WholeServices()
	}, "allows all actions of a service"),
}

func wholeService(action string) bool {
	_, name, _ := strings.Cut(action, ":")
	return strings.Trim(name, "*?") == ""
}

// readWildcards are acceptable wildcards, because they match only actions that read existing resources.
var readWildcards = []string{"ec2:Describe*"}

var noPartialWildcardAction = rule.Rule{
	ID:       "iam-no-partial-wildcard-action",
	Title:    "IAM policies do not use partial wildcards in actions",
	Why:      "A wildcard also matches actions that the service adds later, which nobody reviews.",
	Fix:      "List the actions that the role needs.",
	Sources:  "cdk-nag AwsSolutions-IAM5",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && slices.ContainsFunc(s.Action, func(a string) bool {
			return strings.ContainsAny(a, "*?") && !wholeService(a) && !slices.Contains(readWildcards, a)
		})
	}, "allows actions by a partial wildcard"),
}

var noNotActionAllow = rule.Rule{
	ID:       "iam-no-not-action-allow",
	Title:    "IAM policies do not use Allow with NotAction, NotResource or NotPrincipal",
	Why:      "Such a statement allows everything that it does not list, including actions and resources added later.",
	Fix:      "List the allowed values in Action, Resource and Principal.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: func(r rule.Resource) []rule.Finding {
		allButSomething := func(s iampolicy.Statement) bool {
			return s.Allows() && len(s.NotAction)+len(s.NotResource)+len(s.NotPrincipal) > 0
		}
		return rule.All(
			forbid(allButSomething, "uses Allow with NotAction, NotResource or NotPrincipal")(r),
			iampolicy.Forbid(r.Get("assumeRolePolicy"), allButSomething, "uses Allow with NotAction, NotResource or NotPrincipal"),
		)
	},
}
