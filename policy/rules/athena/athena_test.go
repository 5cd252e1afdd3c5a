package athena

import (
	"testing"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestRules(t *testing.T) {
	configured := func(configuration Props) []Res {
		return []Res{R(aws.AthenaWorkgroup, "workgroup", Props{"configuration": configuration})}
	}
	encrypted := func(option string, key any) []Res {
		return append(configured(Props{"resultConfiguration": Props{"encryptionConfiguration": Props{"encryptionOption": option, "kmsKeyArn": key}}}),
			R(aws.Key, "key", Props{}))
	}
	output := func(location, owner any) []Res {
		return append(configured(Props{"resultConfiguration": Props{"outputLocation": location, "expectedBucketOwner": owner}}), R(aws.Bucket, "bucket", Props{}))
	}
	results := Sub("s3://%s/athena-results/", "bucket", "id")
	crawler := R(aws.GlueCrawler, "crawler", Props{"s3Targets": List{Props{"path": "s3://bucket-id/"}}})
	query := func(workgroup any) []Res {
		return append(configured(Props{})[:1:1], R(aws.AthenaNamedQuery, "query", Props{"workgroup": workgroup}))
	}
	const option = "configuration.resultConfiguration.encryptionConfiguration.encryptionOption"
	Run(t, Rules(), []Case{
		{
			Rule: "athena-workgroup-encrypted", Property: option,
			Compliant: encrypted("SSE_S3", ""), Violating: configured(Props{}),
		},
		{
			Rule: "athena-workgroup-cmk", Property: option,
			Compliant: encrypted("SSE_KMS", Arn("key")), Violating: encrypted("SSE_S3", Arn("key")),
			AlsoViolates: map[string][]Res{"another key": encrypted("SSE_KMS", "arn:aws:kms:eu-west-1:1:key/x")},
		},
		{
			Rule: "athena-workgroup-enforced", Property: "configuration.enforceWorkgroupConfiguration", Missing: Passes,
			Compliant: configured(Props{"enforceWorkgroupConfiguration": true}), Violating: configured(Props{"enforceWorkgroupConfiguration": false}),
		},
		{
			Rule: "athena-workgroup-metrics", Property: "configuration.publishCloudwatchMetricsEnabled", Missing: Passes,
			Compliant: configured(Props{"publishCloudwatchMetricsEnabled": true}), Violating: configured(Props{"publishCloudwatchMetricsEnabled": false}),
		},
		{
			Rule: "athena-scan-limit", Property: "configuration.bytesScannedCutoffPerQuery", Environment: rule.Dev,
			Compliant: configured(Props{"bytesScannedCutoffPerQuery": 1 << 30}), Violating: configured(Props{"bytesScannedCutoffPerQuery": 1 << 45}),
		},
		{
			Rule: "athena-output-in-stack", Property: "configuration.resultConfiguration.outputLocation",
			Compliant: output(results, "123456789012"), Violating: output("s3://elsewhere/", "123456789012"),
			AlsoViolates: map[string][]Res{"owner": output(results, ""), "crawled": append(output(results, "123456789012"), crawler)},
		},
		{
			Rule: "athena-query-workgroup", Property: "workgroup", On: "query",
			Compliant: query(Attr("workgroup", "name")), Violating: query("primary"),
		},
	})
}
