package rds

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var instanceClassAllowed = rule.Rule{
	ID:       "rds-instance-class-allowed",
	Title:    "A database instance has a class and size allowed in its environment",
	Why:      "A large instance is the largest item on a small environment's bill.",
	Fix:      "Set InstanceClass to a class allowed in this environment, and AllocatedStorage and MaxAllocatedStorage within its limit.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.CostGuard,
	Options: []rule.Option{
		rule.Texts("classes", "instance classes allowed, * as wildcard", func(s *rule.Settings) *[]string { return &s.DBInstanceClasses }),
		rule.Integer("storageGiB", "most GiB that the storage may grow to", 20, 65536, func(s *rule.Settings) *float64 { return &s.DBStorageGiB }),
	},
	Types: []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		within := matcher.MissingOr(matcher.AtMost(r.Settings.DBStorageGiB))
		return rule.All(
			rule.Require(r.Get("instanceClass"), matcher.Like(r.Settings.DBInstanceClasses...), "the class is not one for this environment"),
			rule.Require(r.Get("allocatedStorage"), within, "the storage is above the limit of this environment"),
			rule.Require(r.Get("maxAllocatedStorage"), within, "the storage may grow above the limit of this environment"),
		)
	},
}
