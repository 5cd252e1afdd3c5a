package athena

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestQueriesThatExportRows(t *testing.T) {
	for query, away := range map[string]bool{
		"SELECT 1": false, "UNLOAD (SELECT 1) TO 's3://bucket-id/x'": false, "UNLOAD (SELECT 1) TO 's3://other/x'": true,
		"UNLOAD (SELECT 1) TO 's3://bucket-id/x'; UNLOAD (SELECT 2) TO 's3://other/x'":                                                   true,
		"USING EXTERNAL FUNCTION f(x INT) RETURNS INT LAMBDA 'function-name' SELECT f(1)":                                                false,
		"USING EXTERNAL FUNCTION f(x INT) RETURNS INT LAMBDA 'arn:aws:lambda:eu-west-1:123456789012:function:function-name' SELECT f(1)": false,
		"USING EXTERNAL FUNCTION f(x INT) RETURNS INT LAMBDA 'theirs' SELECT f(1)":                                                       true,
	} {
		for kind, key := range map[string]string{aws.AthenaNamedQuery: "query", aws.AthenaPrepared: "queryStatement"} {
			example := []Res{R(kind, "query", Props{key: query}), R(aws.Bucket, "bucket", Props{}), R(aws.Function, "function", Props{})}
			require.Equal(t, away, Finds(t, outputInStack, example), query)
		}
	}
}

func TestResultsReadByACrawler(t *testing.T) {
	crawled := func(target Props) []Res {
		return []Res{
			R(aws.AthenaWorkgroup, "workgroup", Props{"configuration": Props{"resultConfiguration": Props{
				"outputLocation": Sub("s3://%s/results/", "bucket", "id"), "expectedBucketOwner": "123456789012",
			}}}),
			R(aws.Bucket, "bucket", Props{}), R(aws.GlueCrawler, "crawler", Props{"s3Targets": List{target}}),
		}
	}
	require.True(t, Finds(t, outputInStack, crawled(Props{"path": "s3://bucket-id/"})))
	require.False(t, Finds(t, outputInStack, crawled(Props{"path": "s3://bucket-id/raw/"})))
	require.False(t, Finds(t, outputInStack, crawled(Props{"path": "s3://bucket-id/", "exclusions": List{"results/**"}})))
	require.False(t, Finds(t, outputInStack, crawled(Props{"path": ""})))
	for bytes, low := range map[int]bool{10 << 20: false, 10<<20 - 1: true} {
		require.Equal(t, low, Finds(t, scanLimit, []Res{R(aws.AthenaWorkgroup, "workgroup", Props{"configuration": Props{"bytesScannedCutoffPerQuery": bytes}})}), bytes)
	}
}
