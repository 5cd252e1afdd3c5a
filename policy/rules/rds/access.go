package rds

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var iamAuth = rule.Rule{
	ID:       "rds-iam-auth",
	Title:    "People log in to a database instance with IAM",
	Why:      "A token of IAM lasts 15 minutes and belongs to a person; a shared password does neither.",
	Fix:      "Set IamDatabaseAuthenticationEnabled: pulumi.Bool(true) on the rds.Instance.",
	Sources:  "FSBP RDS.10; checkov CKV_AWS_161; trivy aws-rds-enable-iam-auth; cdk-nag AwsSolutions-RDS6",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("iamDatabaseAuthenticationEnabled"), matcher.True, "login with IAM is off")
	},
}

var adminUsername = rule.Rule{
	ID:       "rds-admin-username",
	Title:    "The master user has no name that everyone guesses",
	Why:      "Half of a credential that is the same everywhere is no secret at all.",
	Fix:      "Set Username on the rds.Instance to a name of your own.",
	Sources:  "FSBP RDS.25",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("username"), matcher.NoneOf("admin", "administrator", "root", "postgres", "mysql", "rdsadmin"), "the master user has a default name")
	},
}

var passwordNotLiteral = rule.Rule{
	ID:       "rds-password-not-literal",
	Title:    "The master password is generated, and secret in the state",
	Why:      "A password that is written down in code or configuration is known to everyone who can read them, forever.",
	Fix:      "Set Password to the Result of a random.RandomPassword, or ManageMasterUserPassword: pulumi.Bool(true).",
	Sources:  "project; checkov CKV_SECRET_6",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance, aws.RandomPassword},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			return rule.When(db.Get("manageMasterUserPassword"), matcher.NotTrue, func() []rule.Finding {
				return s.RequireGenerated(db, db.Get("password"), aws.RandomPassword)
			})
		})
	},
}
