// Package iam contains the rules for roles and policies: who may do what to which resource, and who may assume a
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
		policyUnambiguous,
		noWildcardResource,
		noNotActionAllow,
		noPrivilegeEscalation,
		noPermissionsManagement,
		noDestruction,
		ownAccountResources,
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
		resourcePolicyOwnAccount,
		resourcePolicyServiceScoped,
		sessionDuration,
	}
}

// permissionTypes are resources that grant permissions in a policy document.
var permissionTypes = []string{aws.RolePolicy, aws.Policy, aws.Role, aws.UserPolicy, aws.GroupPolicy}

// attachmentTypes are resources that attach managed policies.
var attachmentTypes = []string{aws.RolePolicyAttachment, aws.Role, aws.UserPolicyAttachment, aws.GroupPolicyAttachment, aws.PolicyAttachment}

// documents returns the properties of a resource that contain permissions.
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

// permission is a document of permissions and the resource that contains it.
type permission struct {
	of       rule.Resource
	document value.Value
}

// has reports whether a readable Allow statement passes the test.
func (p permission) has(wanted func(iampolicy.Statement) bool) bool {
	found, _ := iampolicy.Has(p.document, func(s iampolicy.Statement) bool { return s.Allows() && wanted(s) })
	return found
}

// permissionsOf returns the documents of a resource.
func permissionsOf(r rule.Resource) []permission {
	var list []permission
	for _, v := range documents(r) {
		list = append(list, permission{r, v})
	}
	return list
}

// permissionsByRole groups documents by role: inline policies, policies in other resources, and attached policies of
// the stack. A document without a role is a separate group.
func permissionsByRole(s rule.Stack) [][]permission {
	var groups [][]permission
	for _, role := range s.Of(aws.Role) {
		groups = append(groups, permissionsOfRole(s, role))
	}
	for _, r := range s.Of(permissionTypes...) {
		groups = append(groups, permissionsOf(r))
	}
	return groups
}

// permissionsOfRole returns a role's documents in the stack.
func permissionsOfRole(s rule.Stack, role rule.Resource) []permission {
	list := permissionsOf(role)
	inline, _ := s.Referrers(aws.RolePolicy, "role", role)
	for _, p := range inline {
		list = append(list, permissionsOf(p)...)
	}
	attachments, _ := s.Referrers(aws.RolePolicyAttachment, "role", role)
	for _, a := range attachments {
		attached, _ := s.Referred(a, a.Get("policyArn"), aws.Policy)
		for _, p := range attached {
			list = append(list, permissionsOf(p)...)
		}
	}
	attached, _ := s.Referred(role, role.Get("managedPolicyArns"), aws.Policy)
	for _, p := range attached {
		list = append(list, permissionsOf(p)...)
	}
	return list
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
