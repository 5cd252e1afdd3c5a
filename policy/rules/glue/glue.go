// Package glue contains the rules for Glue jobs, crawlers, connections and the catalog.
package glue

import "store-events/policy/rule"

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		connectionSecretID,
		connectionURLClean,
		connectionTLS,
		connectionNetwork,
		jobSecurityConfiguration,
		crawlerSecurityConfiguration,
		securityCloudWatch,
		securityBookmarks,
		securityS3,
		catalogEncrypted,
		catalogConnectionPasswords,
		jobVersion,
		jobBookmarkEnabled,
		jobBookmarkSingleRun,
		jobArgumentsNoCredential,
		jobLogging,
		jobBounded,
		jobScriptInStack,
		jobModulesPinned,
		crawlerExclusions,
		crawlerDeleteBehavior,
		catalogLocationInStack,
		triggerScheduleOffInDev,
		triggerStartsOwn,
		noDevEndpoints,
	}
}
