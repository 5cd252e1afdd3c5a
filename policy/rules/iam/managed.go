package iam

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var noAdministratorAccess = rule.Rule{
	ID:       "iam-no-administrator-access",
	Title:    "AdministratorAccess, PowerUserAccess and IAMFullAccess are not attached",
	Why:      "Whoever obtains such permissions controls the account.",
	Fix:      "Detach the policy, and attach one of the stack with the actions and ARNs that the role needs.",
	Sources:  "checkov CKV_AWS_274; checkov CKV_AWS_275; checkov CKV2_AWS_56",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    attachmentTypes,
	Resource: requireManaged(func(policy string) bool {
		return !slices.Contains([]string{"AdministratorAccess", "PowerUserAccess", "IAMFullAccess"}, policy)
	}, "the policy grants administrator access"),
}

// narrowManaged are the AWS managed policies that grant only what their purpose needs.
var narrowManaged = []string{
	"service-role/AWSLambdaBasicExecutionRole", "service-role/AWSLambdaVPCAccessExecutionRole",
	"AmazonSSMManagedInstanceCore", "service-role/AmazonRDSEnhancedMonitoringRole",
}

var noBroadManagedPolicy = rule.Rule{
	ID:       "iam-no-broad-managed-policy",
	Title:    "Attached policies belong to this stack, or are narrow AWS managed policies",
	Why:      "Most AWS managed policies allow access to all buckets, tables and keys, and no rule checks what other policies allow. Both can change without notice.",
	Fix:      "Replace it with a policy of the stack with the actions and ARNs that the role needs, or set its ARN in the stack's configuration.",
	Sources:  "cdk-nag AwsSolutions-IAM4; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append([]string{aws.Policy}, attachmentTypes...),
	Resource: func(r rule.Resource) []rule.Finding {
		return eachAttached(r, func(v value.Value) []rule.Finding {
			if arn, err := v.Text(); err == nil && broad(arn) && !r.Settings.Configured(arn) {
				return rule.Violate(v, "the AWS managed policy is too broad")
			}
			return nil
		})
	},
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, r := range s.Of(attachmentTypes...) {
			findings = append(findings, rule.On(r, requireOwn(s, r))...)
		}
		return findings
	},
}

// requireOwn requires attached policies, except AWS's, to be in the stack or its configuration.
func requireOwn(s rule.Stack, r rule.Resource) []rule.Finding {
	if list := r.Get("managedPolicyArns"); list.State() == value.Unknown {
		return rule.Unreadable(list.Err()) // The list may contain other policies.
	}
	return eachAttached(r, func(v value.Value) []rule.Finding {
		arn, err := v.Text()
		if _, ofAWS := managedName(arn); err == nil && (arn == "" || ofAWS || s.Settings.Configured(arn)) {
			return nil
		}
		return s.RequireReference(r, v, "the policy is not in this stack", aws.Policy)
	})
}

// managedName returns the name of an AWS managed policy, and whether the policy is one.
func managedName(arn string) (name string, ofAWS bool) {
	_, name, ofAWS = strings.Cut(arn, ":iam::aws:policy/")
	return name, ofAWS
}

// broad reports whether a policy is an AWS managed one that grants more than its purpose needs.
func broad(arn string) bool {
	name, ofAWS := managedName(arn)
	return ofAWS && !slices.Contains(narrowManaged, name)
}

// requireManaged checks attached AWS managed policies by name.
func requireManaged(allowed func(string) bool, message string) func(rule.Resource) []rule.Finding {
	holds := func(v value.Value) (bool, error) {
		arn, err := v.Text()
		name, ofAWS := managedName(arn)
		return !ofAWS || allowed(name), err
	}
	return func(r rule.Resource) []rule.Finding {
		return eachAttached(r, func(v value.Value) []rule.Finding { return rule.Require(v, holds, message) })
	}
}

// eachAttached checks the ARNs of the policies that a resource attaches.
func eachAttached(r rule.Resource, checkIt func(value.Value) []rule.Finding) []rule.Finding {
	return rule.All(checkIt(r.Get("policyArn")), rule.Each(r.Get("managedPolicyArns"), checkIt))
}
