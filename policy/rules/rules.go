// Package rules collects all rules of the pack.
package rules

import (
	"slices"

	"store-events/policy/rule"
	"store-events/policy/rules/athena"
	"store-events/policy/rules/compute"
	"store-events/policy/rules/cost"
	"store-events/policy/rules/general"
	"store-events/policy/rules/glue"
	"store-events/policy/rules/iam"
	"store-events/policy/rules/kms"
	"store-events/policy/rules/lambda"
	"store-events/policy/rules/network"
	"store-events/policy/rules/observability"
	"store-events/policy/rules/rds"
	"store-events/policy/rules/s3"
	"store-events/policy/rules/secret"
)

// All returns every rule, the most severe first.
func All() []rule.Rule {
	all := slices.Concat(
		s3.Rules(),
		rds.Rules(),
		glue.Rules(),
		iam.Rules(),
		network.Rules(),
		secret.Rules(),
		kms.Rules(),
		lambda.Rules(),
		compute.Rules(),
		athena.Rules(),
		observability.Rules(),
		cost.Rules(),
		general.Rules(),
	)
	slices.SortStableFunc(all, func(a, b rule.Rule) int { return int(a.Severity - b.Severity) })
	return all
}
