// Package iam has the rules for roles and policies: who may do what to which resource, and who may assume a
// role.
package iam

import (
	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		noAdminStatement,
		noWildcardAction,
		noPartialWildcardAction,
		noWildcardResource,
		noNotActionAllow,
		noPrivilegeEscalation,
		noPermissionsManagement,
		noDataExfiltration,
		secretReadScoped,
		kmsDecryptScoped,
		passRoleScoped,
		s3PrefixScoped,
		noAdministratorAccess,
		noBroadManagedPolicy,
		trustSpecificPrincipal,
		trustOwnAccount,
		trustConfusedDeputy,
		oneServicePerRole,
		noUsersOrKeys,
		sessionDuration,
	}
}

// permissionTypes are resources that grant permissions by a document.
var permissionTypes = []string{aws.RolePolicy, aws.Policy, aws.Role, aws.UserPolicy, aws.GroupPolicy}

// attachmentTypes are resources that attach managed policies.
var attachmentTypes = []string{aws.RolePolicyAttachment, aws.Role, aws.UserPolicyAttachment, aws.GroupPolicyAttachment, aws.PolicyAttachment}

// documents returns the properties of a resource that hold permissions.
func documents(r rule.Resource) []value.Value {
	if r.Type != aws.Role {
		return []value.Value{r.Get("policy")}
	}
	var inline []value.Value
	for _, p := range r.Get("inlinePolicies").Elements() {
		inline = append(inline, p.Get("policy"))
	}
	return inline
}

// forbid reports the statements of a resource's permissions for which the test is true.
func forbid(forbidden func(iampolicy.Statement) bool, message string) func(rule.Resource) []rule.Finding {
	return func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, d := range documents(r) {
			findings = append(findings, iampolicy.Forbid(d, forbidden, message)...)
		}
		return findings
	}
}
