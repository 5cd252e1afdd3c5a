package iam

import (
	"slices"
	"strings"

	"store-events/policy/rule"
	"store-events/policy/value"
)

var noAdministratorAccess = rule.Rule{
	ID:       "iam-no-administrator-access",
	Title:    "No role has a policy for administrators",
	Why:      "Whoever obtains the role controls the account.",
	Fix:      "Detach AdministratorAccess, PowerUserAccess or IAMFullAccess and list what the role needs.",
	Sources:  "checkov CKV_AWS_274; checkov CKV_AWS_275; checkov CKV2_AWS_56",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    attachmentTypes,
	Resource: requireManaged(func(policy string) bool {
		return !slices.Contains([]string{"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"}, policy)
	}, "the policy is one for administrators"),
}

// narrowManaged are the AWS managed policies that grant no more than their purpose needs.
var narrowManaged = []string{
	"service-role/AWSLambdaBasicExecutionRole", "service-role/AWSLambdaVPCAccessExecutionRole",
	"AmazonSSMManagedInstanceCore", "service-role/AmazonRDSEnhancedMonitoringRole",
}

var noBroadManagedPolicy = rule.Rule{
	ID:       "iam-no-broad-managed-policy",
	Title:    "Only narrow AWS managed policies are attached",
	Why:      "Such policies are written for every customer: they allow all buckets, all tables, all keys, and change without notice.",
	Fix:      "Replace it with a policy of the stack with the actions and ARNs that the role needs.",
	Sources:  "cdk-nag AwsSolutions-IAM4; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    attachmentTypes,
	Resource: requireManaged(func(policy string) bool {
		return slices.Contains(narrowManaged, policy)
	}, "the policy is broader than any one role needs"),
}

// requireManaged checks attached AWS managed policies by name.
func requireManaged(allowed func(string) bool, message string) func(rule.Resource) []rule.Finding {
	holds := func(v value.Value) (bool, error) {
		arn, err := v.Text()
		_, name, made := strings.Cut(arn, ":iam::aws:policy/")
		return !made || allowed(name), err
	}
	return func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("policyArn"), holds, message),
			rule.Each(r.Get("managedPolicyArns"), func(v value.Value) []rule.Finding { return rule.Require(v, holds, message) }),
		)
	}
}
