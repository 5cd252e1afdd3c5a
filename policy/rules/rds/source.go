package rds

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var sourceKnown = rule.Rule{
	ID:    "rds-source-known",
	Title: "A database instance is not created from a source outside the stack",
	Why: "A snapshot, replica or restored copy has the encryption of its source, not the one declared here, and " +
		"whatever users and data its owner put in.",
	Fix: "Remove SnapshotIdentifier, ReplicateSourceDb, RestoreToPointInTime and S3Import, or name resources of the " +
		"stack. For a restore, write an exception that ends when it is done.",
	Sources:  "project; FSBP RDS.4",
	Severity: rule.High,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.DBInstance, aws.Bucket},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			restore := db.Get("restoreToPointInTime")
			return rule.All(
				requireSource(s, db, db.Get("snapshotIdentifier"), "a snapshot"),
				requireSource(s, db, db.Get("replicateSourceDb"), "a database", aws.DBInstance),
				requireSource(
					s,
					db,
					restore.Get("sourceDbInstanceIdentifier"),
					"a database",
					aws.DBInstance,
				),
				requireSource(
					s,
					db,
					restore.Get("sourceDbiResourceId"),
					"a database",
					aws.DBInstance,
				),
				requireSource(
					s,
					db,
					restore.Get("sourceDbInstanceAutomatedBackupsArn"),
					"a backup",
				),
				requireSource(s, db, db.Get("s3Import", "bucketName"), "a bucket", aws.Bucket),
			)
		})
	},
}

func requireSource(
	s rule.Stack,
	db rule.Resource,
	v value.Value,
	kind string,
	types ...string,
) []rule.Finding {
	if absent, err := matcher.Absent(v); err == nil && absent {
		return nil
	}
	return s.RequireReference(db, v, "it comes from "+kind+" that is not of this stack", types...)
}

// harmlessOptions only write audit logs or set the time zone. Others listen on a port, load code or
// use the network:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Options.html
var harmlessOptions = matcher.OneOf(
	"MARIADB_AUDIT_PLUGIN", "SQLSERVER_AUDIT", "Timezone", "TDE", "NATIVE_NETWORK_ENCRYPTION",
)

var optionGroupKnown = rule.Rule{
	ID:       "rds-option-group-known",
	Title:    "An option group adds nothing that listens or runs code besides the database",
	Why:      "MEMCACHED, for one, answers on a separate port, without passwords and without TLS.",
	Fix:      "Leave Options out, or use MARIADB_AUDIT_PLUGIN only.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.DBOptionGroup},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Each(r.Get("options"), func(option value.Value) []rule.Finding {
			return rule.Require(
				option.Get("optionName"),
				harmlessOptions,
				"the option may listen or run code",
			)
		})
	},
}
