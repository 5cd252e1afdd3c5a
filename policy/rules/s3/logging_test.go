package s3

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func loggingCases() []Case {
	logs := R(aws.Bucket, "logs", Props{})
	logging := func(target any, prefix string) []Res {
		return append(with(aws.BucketLogging, "logging", Props{"targetBucket": target, "targetPrefix": prefix}), logs)
	}
	const delivery = `{"Sid":"Logs","Effect":"Allow","Principal":{"Service":"logging.s3.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::logs/*"`
	return []Case{
		{
			Rule: "s3-access-logging", Property: "bucket", On: "logging",
			Compliant: logging(Ref("logs"), "events/"),
			Violating: []Res{bucket},
		},
		{
			Rule: "s3-log-target-separate", Property: "targetBucket", On: "logging",
			Compliant: logging(Ref("logs"), "events/"),
			Violating: logging(Ref("bucket"), "events/"),
			AlsoViolates: map[string][]Res{
				"no prefix": logging(Ref("logs"), ""),
				"elsewhere": logging("some-bucket", "events/"),
			},
		},
		{
			Rule: "s3-log-bucket-policy-scoped", Property: "policy", Missing: Passes,
			Compliant: policyOf(delivery + `,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}`),
			Violating: policyOf(delivery + `}`),
		},
	}
}
