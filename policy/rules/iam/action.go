package iam

import (
	"slices"
	"strings"

	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

var noAdminStatement = rule.Rule{
	ID:       "iam-no-admin-statement",
	Title:    "No policy allows everything on everything",
	Why:      "Whoever obtains such a role controls the account.",
	Fix:      "List the actions and the ARNs that the role needs.",
	Sources:  "FSBP IAM.1; cdk-nag AwsSolutions-IAM5; cdk-nag NIST.800.53.R5-IAMPolicyNoStatementsWithAdminAccess; checkov CKV_AWS_62",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && s.EveryAction() && s.EveryResource()
	}, "allows everything on everything"),
}

var noWildcardAction = rule.Rule{
	ID:       "iam-no-wildcard-action",
	Title:    "No policy allows all actions of a service",
	Why:      "It includes deletion and permissions, and every action that the service adds later.",
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
	Title:    "No policy allows actions by a pattern",
	Why:      "A pattern matches more as the service adds actions, and nobody reviews them.",
	Fix:      "List the actions that the role needs.",
	Sources:  "cdk-nag AwsSolutions-IAM5",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    permissionTypes,
	Resource: forbid(func(s iampolicy.Statement) bool {
		return s.Allows() && slices.ContainsFunc(s.Action, func(a string) bool {
			return strings.ContainsAny(a, "*?") && !wholeService(a) && !slices.Contains(readWildcards, a)
		})
	}, "allows actions by a pattern"),
}

var noNotActionAllow = rule.Rule{
	ID:       "iam-no-not-action-allow",
	Title:    "No policy allows all but something",
	Why:      "An Allow with NotAction, NotResource or NotPrincipal grants whatever it does not name, now and later.",
	Fix:      "List what is meant in Action, Resource and Principal.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    permissionTypes,
	Resource: func(r rule.Resource) []rule.Finding {
		allButSomething := func(s iampolicy.Statement) bool {
			return s.Allows() && len(s.NotAction)+len(s.NotResource)+len(s.NotPrincipal) > 0
		}
		return rule.All(
			forbid(allButSomething, "allows all but something")(r),
			iampolicy.Forbid(r.Get("assumeRolePolicy"), allButSomething, "allows all but something"),
		)
	},
}
