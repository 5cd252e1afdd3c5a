package rds

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var sourceKnown = rule.Rule{
	ID:    "rds-source-known",
	Title: "RDS instances are not created from a source outside the stack",
	Why: "A snapshot, replica or restored copy has the encryption of its source instead of the one in the " +
		"program, and the users and data that its owner added.",
	Fix: "Remove SnapshotIdentifier, ReplicateSourceDb, RestoreToPointInTime and S3Import, or refer to resources " +
		"of the stack. For a restore, add an exception that ends when it is done.",
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
	return s.RequireReference(db, v, "the instance comes from "+kind+" outside this stack", types...)
}

// harmlessOptions only write audit logs, set the time zone or encrypt. Others listen on a port, load code or
// use the network:
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.MySQL.Options.html
var harmlessOptions = matcher.OneOf(
	"MARIADB_AUDIT_PLUGIN", "SQLSERVER_AUDIT", "Timezone", "TDE", "NATIVE_NETWORK_ENCRYPTION",
)

var optionGroupKnown = rule.Rule{
	ID:       "rds-option-group-known",
	Title:    "Option groups contain only options for audit, time zone and encryption",
	Why:      "Other options may listen on a port or run code. MEMCACHED, for example, uses a separate port, without passwords or TLS.",
	Fix:      "Remove Options, or use only MARIADB_AUDIT_PLUGIN.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.DBOptionGroup},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Each(r.Get("options"), func(option value.Value) []rule.Finding {
			return rule.Require(
				option.Get("optionName"),
				harmlessOptions,
				"the option may listen on a port or run code",
			)
		})
	},
}
