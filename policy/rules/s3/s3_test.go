package s3

import (
	"slices"
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

var bucket = R(aws.Bucket, "bucket", Props{})

// with returns a bucket and a resource that configures it.
func with(resourceType, name string, props Props) []Res {
	props["bucket"] = Ref("bucket")
	return []Res{bucket, R(resourceType, name, props)}
}

func policyOf(statement string) []Res {
	return []Res{R(aws.BucketPolicy, "policy", Props{"policy": `{"Version":"2012-10-17","Statement":[` + statement + `]}`})}
}

func TestRules(t *testing.T) {
	Run(t, Rules(), slices.Concat(accessCases(), encryptionCases(), loggingCases(), policyCases(), lifecycleCases(), objectCases(t), notificationCases()))
}
