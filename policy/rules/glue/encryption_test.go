package glue

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func encryptionCases() []Case {
	secured := func(resourceType string, name any) []Res {
		return []Res{R(resourceType, "r", Props{"securityConfiguration": name}), R(aws.GlueSecurity, "security", Props{})}
	}
	part := func(part, modeKey, mode string) []Res {
		return []Res{R(aws.GlueSecurity, "security", Props{"encryptionConfiguration": Props{part: Props{modeKey: mode, "kmsKeyArn": "arn:aws:kms:x"}}})}
	}
	catalog := func(mode string) []Res {
		return []Res{
			R(aws.CatalogDatabase, "database", Props{}),
			R(aws.CatalogEncryption, "settings", Props{"dataCatalogEncryptionSettings": Props{
				"encryptionAtRest": Props{"catalogEncryptionMode": mode, "sseAwsKmsKeyId": "arn:aws:kms:x"},
			}}),
		}
	}
	passwords := func(on bool, key string) []Res {
		return []Res{R(aws.CatalogEncryption, "settings", Props{"dataCatalogEncryptionSettings": Props{
			"connectionPasswordEncryption": Props{"returnConnectionPasswordEncrypted": on, "awsKmsKeyId": key},
		}})}
	}
	return []Case{
		{
			Rule: "glue-job-security-configuration", Property: "securityConfiguration",
			Compliant: secured(aws.GlueJob, Attr("security", "name")), Violating: secured(aws.GlueJob, "elsewhere"),
		},
		{
			Rule: "glue-crawler-security-configuration", Property: "securityConfiguration",
			Compliant: secured(aws.GlueCrawler, Ref("security")), Violating: secured(aws.GlueCrawler, ""),
		},
		{
			Rule: "glue-secconf-cloudwatch", Property: "encryptionConfiguration.cloudwatchEncryption.cloudwatchEncryptionMode",
			Compliant: part("cloudwatchEncryption", "cloudwatchEncryptionMode", "SSE-KMS"),
			Violating: part("cloudwatchEncryption", "cloudwatchEncryptionMode", "DISABLED"),
		},
		{
			Rule: "glue-secconf-bookmarks", Property: "encryptionConfiguration.jobBookmarksEncryption.jobBookmarksEncryptionMode",
			Compliant: part("jobBookmarksEncryption", "jobBookmarksEncryptionMode", "CSE-KMS"),
			Violating: part("jobBookmarksEncryption", "jobBookmarksEncryptionMode", "DISABLED"),
		},
		{
			Rule: "glue-secconf-s3", Property: "encryptionConfiguration.s3Encryption.s3EncryptionMode",
			Compliant: part("s3Encryption", "s3EncryptionMode", "SSE-KMS"),
			Violating: part("s3Encryption", "s3EncryptionMode", "SSE-S3"),
		},
		{
			Rule: "glue-catalog-encrypted", Property: "dataCatalogEncryptionSettings.encryptionAtRest.catalogEncryptionMode", On: "settings",
			Compliant: catalog("SSE-KMS"), Violating: catalog("DISABLED"),
			AlsoViolates: map[string][]Res{"no settings": {R(aws.CatalogDatabase, "database", Props{})}},
		},
		{
			Rule: "glue-catalog-connection-passwords", Property: "dataCatalogEncryptionSettings.connectionPasswordEncryption.returnConnectionPasswordEncrypted",
			Compliant: passwords(true, "arn:aws:kms:x"), Violating: passwords(false, "arn:aws:kms:x"),
			AlsoViolates: map[string][]Res{"no key": passwords(true, "")},
		},
	}
}
