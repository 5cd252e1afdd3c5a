package s3

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The examples read as a small language.
)

func encryption(encryptionRule Props) []Res {
	return with(aws.BucketEncryption, "encryption", Props{"rules": List{encryptionRule}})
}

func encryptionCases() []Case {
	key := R(aws.Key, "key", Props{})
	kms := Props{"applyServerSideEncryptionByDefault": Props{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": Arn("key")}}
	aes := Props{"applyServerSideEncryptionByDefault": Props{"sseAlgorithm": "AES256"}}
	foreign := Props{"applyServerSideEncryptionByDefault": Props{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "arn:aws:kms:eu-west-1:1:key/x"}}
	withBucketKey := func(on bool) Props {
		return Props{"bucketKeyEnabled": on, "applyServerSideEncryptionByDefault": Props{"sseAlgorithm": "aws:kms"}}
	}
	return []Case{
		{
			Rule: "s3-encryption-present", Property: "rules[0].applyServerSideEncryptionByDefault.sseAlgorithm", On: "encryption",
			Compliant:    encryption(aes),
			Violating:    []Res{bucket},
			AlsoViolates: map[string][]Res{"no rules": with(aws.BucketEncryption, "encryption", Props{})},
		},
		{
			Rule: "s3-encryption-cmk", Property: "rules[0].applyServerSideEncryptionByDefault.kmsMasterKeyId", On: "encryption",
			Compliant:    append(encryption(kms), key),
			Violating:    append(encryption(aes), key),
			AlsoViolates: map[string][]Res{"key of another stack": append(encryption(foreign), key)},
			AlsoPasses: map[string][]Res{"target of access logs": append(encryption(aes), R(aws.Bucket, "source", Props{}),
				R(aws.BucketLogging, "logging", Props{"bucket": Ref("source"), "targetBucket": Ref("bucket")}))},
		},
		{
			Rule: "s3-bucket-key-enabled", Property: "rules[0].bucketKeyEnabled", On: "encryption",
			Compliant:  encryption(withBucketKey(true)),
			Violating:  encryption(withBucketKey(false)),
			AlsoPasses: map[string][]Res{"without KMS": encryption(aes)},
		},
	}
}
