package rds

import (
	"regexp"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

var multiAZ = rule.Rule{
	ID:       "rds-multi-az",
	Title:    "RDS instances have a standby in another availability zone",
	Why:      "Without a standby, the failure of a zone or a maintenance window stops the database.",
	Fix:      "Set MultiAz: pulumi.Bool(true) on the rds.Instance.",
	Sources:  "FSBP RDS.5; cdk-nag AwsSolutions-RDS3; checkov CKV_AWS_157",
	Severity: rule.Medium,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.DBInstance},
	Resource: rule.Property("multiAz", matcher.True, "the instance has no standby"),
}

var backupRetention = rule.Rule{
	ID:       "rds-backup-retention",
	Title:    "RDS instances keep automatic backups long enough",
	Why:      "Without automatic backups, the database cannot be restored to an earlier time; mistakes are often noticed only days later.",
	Fix:      "Set BackupRetentionPeriod on the rds.Instance to at least 7 days (1 in a small environment).",
	Sources:  "FSBP RDS.11; cdk-nag AwsSolutions-RDS13; checkov CKV_AWS_133; pulumi aws-rds-instance-enable-backup-retention; pulumi aws-rds-instance-configure-backup-retention; trivy aws-rds-specify-backup-retention",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Options: []rule.Option{
		rule.Integer("days", "minimum number of days that backups are kept", 1, 35, func(s *rule.Settings) *float64 { return &s.DBBackupDays }),
	},
	Types: []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("backupRetentionPeriod"), matcher.AtLeast(r.Settings.DBBackupDays), "the backup retention is too short")
	},
}

var deletionProtection = rule.Rule{
	ID:       "rds-deletion-protection",
	Title:    "RDS instances have deletion protection enabled",
	Why:      "Otherwise, a destroy by mistake, or a change that replaces the instance, deletes the data.",
	Fix:      "Set DeletionProtection: pulumi.Bool(true) on the rds.Instance.",
	Sources:  "FSBP RDS.8; cdk-nag AwsSolutions-RDS10; checkov CKV_AWS_293; trivy aws-rds-enable-deletion-protection",
	Severity: rule.Medium,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.DBInstance},
	Resource: rule.Property("deletionProtection", matcher.True, "deletion protection is off"),
}

var finalSnapshot = rule.Rule{
	ID:       "rds-final-snapshot",
	Title:    "A deleted RDS instance leaves a final snapshot and its backups",
	Why:      "Otherwise, the data is lost with the instance.",
	Fix:      "Set FinalSnapshotIdentifier, SkipFinalSnapshot: pulumi.Bool(false) and DeleteAutomatedBackups: pulumi.Bool(false).",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(r.Get("skipFinalSnapshot"), matcher.NotTrue, "no final snapshot is taken"),
			rule.RequireGiven(r.Get("finalSnapshotIdentifier"), "the final snapshot has no name"),
			rule.Require(r.Get("deleteAutomatedBackups"), matcher.False, "backups are deleted with the instance"),
		)
	},
}

var minorUpgrades = rule.Rule{
	ID:       "rds-minor-upgrades",
	Title:    "RDS instances install minor upgrades automatically, unless the minor version is pinned",
	Why:      "Minor versions fix vulnerabilities; an instance that waits for a person stays vulnerable. After an upgrade of a pinned version, the next update would request a downgrade, which RDS rejects.",
	Fix:      "Set AutoMinorVersionUpgrade: pulumi.Bool(true) on the rds.Instance, and EngineVersion without the minor version.",
	Sources:  "FSBP RDS.13; cdk-nag HIPAA.Security-RDSAutomaticMinorVersionUpgradeEnabled; checkov CKV_AWS_226",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		if pinned(r) {
			return nil
		}
		return rule.Require(r.Get("autoMinorVersionUpgrade"), matcher.True, "automatic minor upgrades are not enabled")
	},
}

var minorVersion = regexp.MustCompile(`^\d+\.\d+\.\d+`)

// pinned reports whether an instance of MySQL or MariaDB pins its minor version, such as 8.4.3; false if the version
// is unknown.
func pinned(r rule.Resource) bool {
	engine, err := r.Get("engine").Text()
	if err != nil || engine != "mysql" && engine != "mariadb" {
		return false
	}
	version, err := r.Get("engineVersion").Text()
	return err == nil && minorVersion.MatchString(version)
}

var copyTags = rule.Rule{
	ID:       "rds-copy-tags",
	Title:    "RDS instances copy their tags to snapshots",
	Why:      "A snapshot without tags has no known owner and is never deleted.",
	Fix:      "Set CopyTagsToSnapshot: pulumi.Bool(true) on the rds.Instance.",
	Sources:  "FSBP RDS.17; checkov CKV2_AWS_60",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: rule.Property("copyTagsToSnapshot", matcher.True, "tags are not copied to snapshots"),
}

// supported are the major versions in standard support, as of 2026-11-01 at
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_MySQL.html and the pages of the other engines. Other versions cost extra, or are no longer available.
var supported = map[string][]string{
	"mysql":    {"8.4", "8.4.*"},
	"mariadb":  {"10.11", "10.11.*", "11.4", "11.4.*", "11.8", "11.8.*"},
	"postgres": {"1[4-8]", "1[4-8].*"},
}

var engineSupported = rule.Rule{
	ID:       "rds-engine-supported",
	Title:    "RDS instances use an engine version in standard support",
	Why:      "A version out of standard support gets no fixes, or costs extra by the hour for extended support.",
	Fix:      "Set EngineVersion on the rds.Instance to a supported major version, such as 8.4 for MySQL.",
	Sources:  "project; prowler rds_instance_deprecated_engine_version",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		engine, err := r.Get("engine").Text()
		patterns, known := supported[engine]
		if err != nil || !known {
			return rule.Unreadable(err)
		}
		return rule.Require(r.Get("engineVersion"), matcher.Like(patterns...), "the engine version is not in standard support")
	},
}
