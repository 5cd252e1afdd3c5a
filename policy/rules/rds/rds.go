// Package rds contains the rules for database instances.
package rds

import "store-events/policy/rule"

// Rules returns the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		notPublic,
		privateSubnets,
		subnetGroupMultiAZ,
		nonDefaultPort,
		storageEncrypted,
		encryptionCMK,
		tlsRequired,
		modernCA,
		multiAZ,
		backupRetention,
		deletionProtection,
		finalSnapshot,
		minorUpgrades,
		copyTags,
		engineSupported,
		logExports,
		logGroupsPrecreated,
		enhancedMonitoring,
		performanceInsights,
		performanceInsightsCMK,
		iamAuth,
		adminUsername,
		passwordNotLiteral,
		sourceKnown,
		optionGroupKnown,
		instanceClassAllowed,
	}
}
