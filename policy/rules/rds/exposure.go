package rds

import (
	"store-events/policy/aws"
	"store-events/policy/judge"
	"store-events/policy/rule"
)

var notPublic = rule.Rule{
	ID:       "rds-not-public",
	Title:    "A database instance has no public address",
	Why:      "A public address puts the login prompt of the database on the internet; only security groups stand before it.",
	Fix:      "Set PubliclyAccessible: pulumi.Bool(false) on the rds.Instance and place it in private subnets.",
	Sources:  "FSBP RDS.2; cdk-nag NIST.800.53.R5-RDSInstancePublicAccess; checkov CKV_AWS_17; pulumi aws-rds-instance-disallow-public-access; trivy aws-rds-enable-public-access",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("publiclyAccessible"), judge.NotTrue, "the instance has a public address")
	},
}
