package rds

import (
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The examples read as a language of their own.
)

func database(props Props) []Res { return []Res{R(aws.DBInstance, "db", props)} }

func TestRules(t *testing.T) {
	Run(t, Rules(), []Case{
		{
			Rule: "rds-not-public", Property: "publiclyAccessible", Missing: Passes,
			Compliant: database(Props{"publiclyAccessible": false}),
			Violating: database(Props{"publiclyAccessible": true}),
		},
		{
			Rule: "rds-storage-encrypted", Property: "storageEncrypted",
			Compliant: database(Props{"storageEncrypted": true}),
			Violating: database(Props{"storageEncrypted": false}),
		},
	})
}
