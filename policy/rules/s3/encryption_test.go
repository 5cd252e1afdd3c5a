package s3

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
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
			Compliant: append(encryption(kms), key),
			Violating: append(encryption(aes), key),
			AlsoViolates: map[string][]Res{
				"key of another stack": append(encryption(foreign), key),
				"data, and a target": append(encryption(aes), R(aws.Bucket, "logs", Props{}),
					R(aws.BucketLogging, "logging", Props{"bucket": Ref("bucket"), "targetBucket": Ref("logs")}),
					R(aws.BucketLogging, "back", Props{"bucket": Ref("logs"), "targetBucket": Ref("bucket")})),
			},
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

// A key ID is not an alias, neither for a key of the stack nor for another one.
func TestKeyIDIsNotAnAlias(t *testing.T) {
	for name, want := range map[string]struct {
		key  any
		text string
	}{
		"alias":          {"alias/store", "the name of an alias"},
		"key":            {Ref("key"), ""},
		"ID of a key":    {"1234abcd-12ab-34cd-56ef-1234567890ab", "the key is not in this stack"},
		"ARN of another": {"arn:aws:kms:eu-west-1:1:alias/x", "the key is not in this stack"},
	} {
		example := append(encryption(Props{"applyServerSideEncryptionByDefault": Props{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": want.key}}), R(aws.Key, "key", Props{}))
		var texts []string
		for _, f := range encryptionCMK.CheckStack(Build(t, example, rule.DefaultSettings(rule.Prod))) {
			texts = append(texts, f.Message)
		}
		text := strings.Join(texts, "\n")
		require.Contains(t, text, want.text, name)
		require.Equal(t, name == "alias", strings.Contains(text, "alias"), "%s: %s", name, text)
		require.Equal(t, want.text == "", text == "", "%s: %s", name, text)
	}
}
