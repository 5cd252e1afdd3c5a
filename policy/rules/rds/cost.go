package rds

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var instanceClassAllowed = rule.Rule{
	ID:       "rds-instance-class-allowed",
	Title:    "RDS instances have a class and a storage size that the environment allows",
	Why:      "A large instance is the most expensive item of a small environment.",
	Fix:      "Set InstanceClass to an allowed class, and AllocatedStorage and MaxAllocatedStorage within the limit of the environment.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.CostGuard,
	Options: []rule.Option{
		rule.Texts("classes", "allowed instance classes; * matches any string", func(s *rule.Settings) *[]string { return &s.DBInstanceClasses }),
		rule.Integer("storageGiB", "maximum storage in GiB, including autoscaling", 20, 65536, func(s *rule.Settings) *float64 { return &s.DBStorageGiB }),
	},
	Types: []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		within := matcher.MissingOr(matcher.AtMost(r.Settings.DBStorageGiB))
		return rule.All(
			rule.Require(r.Get("instanceClass"), matcher.Like(r.Settings.DBInstanceClasses...), "the class is not allowed in this environment"),
			rule.Require(r.Get("allocatedStorage"), within, "the storage exceeds the limit of this environment"),
			rule.Require(r.Get("maxAllocatedStorage"), within, "the storage can grow beyond the limit of this environment"),
		)
	},
}
