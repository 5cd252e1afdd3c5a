// Package lambda contains the rules for functions and who may invoke them.
package lambda

import "store-events/policy/rule"

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		supportedRuntime,
		permissionNotPublic,
		permissionSource,
		noPublicURL,
		inVPC,
		multiAZ,
		envNoSecret,
		envCMK,
		tracing,
		deadLetters,
		concurrency,
		logGroup,
		codeInStack,
		aliasOneVersion,
		eventSourceOwn,
	}
}
