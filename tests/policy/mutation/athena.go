package mutation

import "store-events/policy/aws"

func workgroup(path string, v any) Change {
	return set(aws.AthenaWorkgroup, "workgroup", "configuration."+path, v)
}

var athena = []Mutation{
	{Rule: "athena-workgroup-encrypted", Also: []string{"athena-workgroup-cmk"}, Change: unset(aws.AthenaWorkgroup, "workgroup", "configuration.resultConfiguration.encryptionConfiguration")},
	{Rule: "athena-workgroup-enforced", Change: workgroup("enforceWorkgroupConfiguration", false)},
	{Rule: "athena-workgroup-cmk", Change: workgroup("resultConfiguration.encryptionConfiguration", object{"encryptionOption": "SSE_S3"})},
	{Rule: "athena-workgroup-metrics", Change: workgroup("publishCloudwatchMetricsEnabled", false)},
	{Rule: "athena-scan-limit", Change: unset(aws.AthenaWorkgroup, "workgroup", "configuration.bytesScannedCutoffPerQuery")},
	{Rule: "athena-output-in-stack", Change: workgroup("resultConfiguration.outputLocation", "s3://somebody-elses-results/")},
	{Rule: "athena-query-workgroup", Change: set(aws.AthenaNamedQuery, "returns", "workgroup", "primary")},
}
