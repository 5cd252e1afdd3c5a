package glue

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var jobSecurityConfiguration = rule.Rule{
	ID:       "glue-job-security-configuration",
	Title:    "Glue jobs and triggers use security configurations of this stack",
	Why:      "Without one, their logs, bookmarks and temporary files are not encrypted with a customer managed key.",
	Fix:      "Set SecurityConfiguration on the glue.Job to the name of a glue.SecurityConfiguration of the stack.",
	Sources:  "cdk-nag AwsSolutions-GL1; cdk-nag AwsSolutions-GL3; checkov CKV_AWS_195; Control Tower CT.GLUE.PR.1",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob, aws.GlueSecurity, aws.GlueTrigger},
	Stack: func(s rule.Stack) []rule.Finding {
		return append(requireSecurityConfiguration(aws.GlueJob)(s), s.Each(aws.GlueTrigger, func(t rule.Resource) []rule.Finding {
			return rule.Each(t.Get("actions"), func(action value.Value) []rule.Finding {
				replaces := action.Get("securityConfiguration")
				if matcher.Missing(replaces) {
					return nil
				}
				return s.RequireReference(t, replaces, "the trigger sets a security configuration outside this stack", aws.GlueSecurity)
			})
		})...)
	},
}

var crawlerSecurityConfiguration = rule.Rule{
	ID:       "glue-crawler-security-configuration",
	Title:    "Glue crawlers use a security configuration of this stack",
	Why:      "Without one, their logs are not encrypted with a customer managed key.",
	Fix:      "Set SecurityConfiguration on the glue.Crawler to the name of a glue.SecurityConfiguration of the stack.",
	Sources:  "cdk-nag AwsSolutions-GL1; checkov CKV_AWS_195",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueCrawler, aws.GlueSecurity},
	Stack:    requireSecurityConfiguration(aws.GlueCrawler),
}

func requireSecurityConfiguration(resourceType string) func(rule.Stack) []rule.Finding {
	return func(s rule.Stack) []rule.Finding {
		return s.Each(resourceType, func(r rule.Resource) []rule.Finding {
			return s.RequireReference(r, r.Get("securityConfiguration"), "no security configuration of this stack is set", aws.GlueSecurity)
		})
	}
}

var securityCloudWatch = rule.Rule{
	ID:       "glue-secconf-cloudwatch",
	Title:    "Glue security configurations encrypt CloudWatch logs with KMS",
	Why:      "Job logs contain paths, rows and errors.",
	Fix:      "Set CloudwatchEncryption with CloudwatchEncryptionMode SSE-KMS and KmsKeyArn.",
	Sources:  "cdk-nag AwsSolutions-GL1; checkov CKV_AWS_99",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueSecurity},
	Resource: requireEncryption("cloudwatchEncryption", "cloudwatchEncryptionMode", "SSE-KMS"),
}

var securityBookmarks = rule.Rule{
	ID:       "glue-secconf-bookmarks",
	Title:    "Glue security configurations encrypt job bookmarks with KMS",
	Why:      "Glue stores bookmarks outside your buckets, and they contain the names of the objects that were read.",
	Fix:      "Set JobBookmarksEncryption with JobBookmarksEncryptionMode CSE-KMS and KmsKeyArn.",
	Sources:  "cdk-nag AwsSolutions-GL3; checkov CKV_AWS_99",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueSecurity},
	Resource: requireEncryption("jobBookmarksEncryption", "jobBookmarksEncryptionMode", "CSE-KMS"),
}

var securityS3 = rule.Rule{
	ID:       "glue-secconf-s3",
	Title:    "Glue security configurations use SSE-KMS for data in S3",
	Why:      "The job's setting overrides the bucket's default encryption: without it, objects may be encrypted with another key.",
	Fix:      "Set S3Encryption with S3EncryptionMode SSE-KMS and KmsKeyArn.",
	Sources:  "checkov CKV_AWS_99; prowler glue_etl_jobs_amazon_s3_encryption_enabled",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueSecurity},
	Resource: requireEncryption("s3Encryption", "s3EncryptionMode", "SSE-KMS"),
}

func requireEncryption(part, modeKey, mode string) func(rule.Resource) []rule.Finding {
	return func(r rule.Resource) []rule.Finding {
		of := r.Get("encryptionConfiguration", part)
		return rule.All(
			rule.Require(of.Get(modeKey), matcher.OneOf(mode), "the encryption mode is not "+mode),
			rule.RequireGiven(of.Get("kmsKeyArn"), "no KMS key is set"),
		)
	}
}

var catalogEncrypted = rule.Rule{
	ID:       "glue-catalog-encrypted",
	Title:    "The Glue Data Catalog is encrypted with a customer managed key",
	Why:      "Table names, columns, locations and partition values describe the data, and often contain parts of it.",
	Fix:      "Add a glue.DataCatalogEncryptionSettings with CatalogEncryptionMode SSE-KMS and SseAwsKmsKeyId. There is one per account and region.",
	Sources:  "checkov CKV_AWS_94; prowler glue_data_catalogs_metadata_encryption_enabled",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.CatalogDatabase, aws.CatalogEncryption},
	Stack: func(s rule.Stack) []rule.Finding {
		databases, settings := s.Of(aws.CatalogDatabase), s.Of(aws.CatalogEncryption)
		if len(databases) > 0 && len(settings) == 0 {
			return rule.On(databases[0], rule.Violate(databases[0].Get(), "the stack does not encrypt the data catalog"))
		}
		return s.Each(aws.CatalogEncryption, func(r rule.Resource) []rule.Finding {
			of := r.Get("dataCatalogEncryptionSettings", "encryptionAtRest")
			return rule.All(
				rule.Require(of.Get("catalogEncryptionMode"), matcher.OneOf("SSE-KMS", "SSE-KMS-WITH-SERVICE-ROLE"), "the catalog is not encrypted with KMS"),
				rule.RequireGiven(of.Get("sseAwsKmsKeyId"), "no KMS key is set"),
			)
		})
	},
}

var catalogConnectionPasswords = rule.Rule{
	ID:       "glue-catalog-connection-passwords",
	Title:    "The Glue Data Catalog encrypts the connection passwords that it returns",
	Why:      "Otherwise glue:GetConnection returns the password in plain text.",
	Fix:      "Set ConnectionPasswordEncryption with ReturnConnectionPasswordEncrypted true and AwsKmsKeyId.",
	Sources:  "checkov CKV_AWS_94; prowler glue_data_catalogs_connection_passwords_encryption_enabled",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.CatalogEncryption},
	Resource: func(r rule.Resource) []rule.Finding {
		of := r.Get("dataCatalogEncryptionSettings", "connectionPasswordEncryption")
		return rule.All(
			rule.Require(of.Get("returnConnectionPasswordEncrypted"), matcher.True, "passwords are returned in plain text"),
			rule.RequireGiven(of.Get("awsKmsKeyId"), "no KMS key is set"),
		)
	},
}
