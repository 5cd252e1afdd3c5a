package rds

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var iamAuth = rule.Rule{
	ID:       "rds-iam-auth",
	Title:    "RDS instances have IAM authentication enabled",
	Why:      "An IAM token lasts 15 minutes and belongs to one person, unlike a shared password.",
	Fix:      "Set IamDatabaseAuthenticationEnabled: pulumi.Bool(true) on the rds.Instance.",
	Sources:  "FSBP RDS.10; checkov CKV_AWS_161; trivy aws-rds-enable-iam-auth; cdk-nag AwsSolutions-RDS6",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.DBInstance},
	Resource: rule.Property("iamDatabaseAuthenticationEnabled", matcher.True, "IAM authentication is off"),
}

var adminUsername = rule.Rule{
	ID:       "rds-admin-username",
	Title:    "RDS instances use a custom name for the master user",
	Why:      "With a default user name, only the password is left to guess.",
	Fix:      "Set Username on the rds.Instance to a name that is not a default.",
	Sources:  "FSBP RDS.25",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: rule.Property("username", matcher.NoneOf("admin", "administrator", "root", "postgres", "mysql", "rdsadmin"), "the master user has a default name"),
}

var passwordNotLiteral = rule.Rule{
	ID:       "rds-password-not-literal",
	Title:    "Master passwords of RDS instances are generated, and marked as secret",
	Why:      "Everyone who can read code or configuration knows a password in it, even after it is removed.",
	Fix:      "Set Password to the Result of a random.RandomPassword, or ManageMasterUserPassword: pulumi.Bool(true).",
	Sources:  "project; checkov CKV_SECRET_6",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance, aws.RandomPassword},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			if inherits(db) {
				return nil
			}
			manage := db.Get("manageMasterUserPassword")
			return rule.All(
				rule.Require(db.Get("passwordWo"), matcher.Absent, "a write-only password is set"),
				rule.When(manage, matcher.NotTrue, func() []rule.Finding {
					return s.RequireGenerated(db, db.Get("password"))
				}),
				rule.When(manage, matcher.True, func() []rule.Finding {
					return rule.Require(db.Get("password"), matcher.Absent, "a password is set in addition to the managed one")
				}),
			)
		})
	},
}

// inherits reports whether the instance is a replica, with the users of its source.
func inherits(db rule.Resource) bool { return !matcher.Missing(db.Get("replicateSourceDb")) }
