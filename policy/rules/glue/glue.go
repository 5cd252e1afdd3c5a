// Package glue holds the rules for Glue jobs, crawlers, connections and the catalog.
package glue

import "store-events/policy/rule"

// Rules gives the rules of this package.
func Rules() []rule.Rule {
	return []rule.Rule{
		connectionSecretID,
		connectionURLClean,
	}
}
