package rds

import (
	"store-events/policy/aws"
	"store-events/policy/judge"
	"store-events/policy/rule"
)

var storageEncrypted = rule.Rule{
	ID:       "rds-storage-encrypted",
	Title:    "The storage of a database instance is encrypted",
	Why:      "Storage, backups and snapshots of an unencrypted instance are readable to whoever gets at the medium, and encryption cannot be turned on later without replacing the instance.",
	Fix:      "Set StorageEncrypted: pulumi.Bool(true) on the rds.Instance, with KmsKeyId of your own key.",
	Sources:  "FSBP RDS.3; cdk-nag AwsSolutions-RDS2; checkov CKV_AWS_16; pulumi aws-rds-instance-disallow-unencrypted-storage; trivy aws-rds-encrypt-instance-storage-data",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("storageEncrypted"), judge.True, "the storage is not encrypted")
	},
}
