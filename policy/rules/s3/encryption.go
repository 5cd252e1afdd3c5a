package s3

import (
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var encryptionPresent = rule.Rule{
	ID:       "s3-encryption-present",
	Title:    "S3 buckets have an encryption configuration",
	Why:      "The default of the service does not show in the program which key protects the data.",
	Fix:      "Add an s3.BucketServerSideEncryptionConfigurationV2 for the bucket with SseAlgorithm aws:kms.",
	Sources:  "checkov CKV_AWS_19; pulumi aws-s3-bucket-enable-server-side-encryption; trivy aws-s3-enable-bucket-encryption",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Bucket, aws.BucketEncryption},
	Stack:    eachBucketHas(aws.BucketEncryption, "the bucket has no encryption configuration", requireAlgorithm),
}

func requireAlgorithm(configuration rule.Resource) []rule.Finding {
	rules := configuration.Get("rules")
	if empty, err := matcher.Empty(rules); empty && err == nil {
		return rule.Violate(rules, "the encryption configuration has no rule")
	}
	return rule.Each(rules, func(r value.Value) []rule.Finding {
		return rule.Require(algorithm(r), matcher.OneOf("AES256", "aws:kms", "aws:kms:dsse"), "no encryption algorithm is set")
	})
}

func algorithm(encryptionRule value.Value) value.Value {
	return encryptionRule.Get("applyServerSideEncryptionByDefault", "sseAlgorithm")
}

var encryptionCMK = rule.Rule{
	ID:       "s3-encryption-cmk",
	Title:    "S3 buckets are encrypted with a key of this stack",
	Why:      "With a customer managed key, reading data also requires permission for the key, its use is logged, and you can revoke access at once. Targets of access logs are exempt: S3 cannot deliver logs to buckets encrypted with KMS.",
	Fix:      "Set SseAlgorithm to aws:kms, and KmsMasterKeyId to the ARN of a kms.Key of the stack or of its alias.",
	Sources:  "SecHub S3.17; cdk-nag NIST.800.53.R5-S3DefaultEncryptionKMS; checkov CKV_AWS_145; pulumi aws-s3-bucket-configure-server-side-encryption-kms; pulumi aws-s3-bucket-configure-server-side-encryption-customer-managed-key; trivy aws-s3-encryption-customer-key",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.BucketEncryption, aws.BucketObject},
	Stack: func(s rule.Stack) []rule.Finding {
		return append(s.Each(aws.BucketObject, func(o rule.Resource) []rule.Finding { return requireObjectKey(s, o) }),
			eachEncryption(s)...)
	},
}

// requireObjectKey checks an object that overrides the encryption of its bucket.
func requireObjectKey(s rule.Stack, object rule.Resource) []rule.Finding {
	findings := rule.Require(object.Get("serverSideEncryption"), matcher.OneOf("", "aws:kms", "aws:kms:dsse"),
		"the object is not encrypted with KMS")
	if key := object.Get("kmsKeyId"); !matcher.Missing(key) {
		findings = append(findings, s.RequireReference(object, key, "the key is not in this stack", aws.Key)...)
	}
	return findings
}

func eachEncryption(s rule.Stack) []rule.Finding {
	return s.Each(aws.BucketEncryption, func(c rule.Resource) []rule.Finding {
		if receivesAccessLogs(s, c) {
			return nil
		}
		return rule.Each(c.Get("rules"), func(r value.Value) []rule.Finding {
			key := r.Get("applyServerSideEncryptionByDefault", "kmsMasterKeyId")
			return rule.All(
				rule.Require(algorithm(r), matcher.OneOf("aws:kms"), "the objects are not encrypted with KMS"),
				s.RequireReference(c, key, "the key is not in this stack", aws.Key),
				forbidAliasName(key),
			)
		})
	})
}

// forbidAliasName reports the alias of a key without an account, which S3 resolves in the account of the writer of an
// object: https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html
func forbidAliasName(key value.Value) []rule.Finding {
	if text, err := key.Text(); err != nil || !strings.HasPrefix(text, "alias/") {
		return nil
	}
	return rule.Violate(key, "S3 resolves the name of an alias in the account of the writer")
}

// receivesAccessLogs reports whether a resource's bucket is only for access logs.
func receivesAccessLogs(s rule.Stack, belongsTo rule.Resource) bool {
	for _, bucket := range s.Of(aws.Bucket) {
		if rule.Refers(belongsTo, belongsTo.Get("bucket"), bucket) == rule.Yes && onlyTakesLogs(s, bucket) {
			return true
		}
	}
	return false
}

var bucketKeyEnabled = rule.Rule{
	ID:       "s3-bucket-key-enabled",
	Title:    "S3 buckets encrypted with KMS use a bucket key",
	Why:      "Without a bucket key, every object requires a request to KMS, which is slower and costs more.",
	Fix:      "Set BucketKeyEnabled: pulumi.Bool(true) together with ApplyServerSideEncryptionByDefault.",
	Sources:  "pulumi aws-s3-bucket-enable-server-side-encryption-bucket-key",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.BucketEncryption},
	Resource: func(c rule.Resource) []rule.Finding {
		return rule.Each(c.Get("rules"), func(r value.Value) []rule.Finding {
			return rule.When(algorithm(r), matcher.OneOf("aws:kms"), func() []rule.Finding {
				return rule.Require(r.Get("bucketKeyEnabled"), matcher.True, "the bucket key is off")
			})
		})
	},
}
