package components

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/components/queries"
)

func TestWorkgroupIsEnforced(t *testing.T) {
	group := buildAnalytics(t).one("aws:athena/workgroup:Workgroup", "workgroup")
	require.Equal(t, "test", group.Get(t, "name"))
	require.Equal(t, true, group.Get(t, "forceDestroy"), "its history would prevent the deletion")
	require.Equal(t, map[string]any{
		"enforceWorkgroupConfiguration": true, "publishCloudwatchMetricsEnabled": true, "bytesScannedCutoffPerQuery": float64(1024 << 20),
		"resultConfiguration": map[string]any{
			"outputLocation": "s3://events-bucket/athena-results/", "expectedBucketOwner": account,
			"encryptionConfiguration": map[string]any{"encryptionOption": "SSE_KMS", "kmsKeyArn": keyArn},
		},
	}, group.Get(t, "configuration"))
}

func TestNamedQueriesAreInTheWorkgroup(t *testing.T) {
	r := buildAnalytics(t)
	ids := map[string]any{}
	for _, q := range queries.All() {
		named := r.one("aws:athena/namedQuery:NamedQuery", q.Name)
		require.Equal(t, "test", named.Get(t, "workgroup"))
		require.Equal(t, "miztiik_sales_db_test", named.Get(t, "database"))
		require.Equal(t, q.Name, named.Get(t, "name"))
		require.Equal(t, q.SQL, named.Get(t, "query"))
		require.Equal(t, q.Description, named.Get(t, "description"))
		ids[q.Name] = named.ID()
	}
	require.Equal(t, map[string]any{"workgroup": "test", "queries": ids}, r.Outputs)
}
