// Package general contains the rules for resources of every service.
package general

import "store-events/policy/rule"

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		noLiteralCredential,
		credentialOutputsSecret,
		tagsRequired,
		descriptionsPresent,
		statefulProtected,
		allowedTypesOnly,
		ownAccountOnly,
		workloadRoleInStack,
		providerOfStack,
		accountGuardsOn,
		noIgnoredChanges,
		budgetPresent,
	}
}
