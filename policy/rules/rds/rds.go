// Package rds holds the rules for database instances.
package rds

import "store-events/policy/rule"

// Rules gives the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		notPublic,
		storageEncrypted,
	}
}
