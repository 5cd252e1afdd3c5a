package queries

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQueries(t *testing.T) {
	var names []string
	for _, q := range All() {
		names = append(names, q.Name)
		require.NotContains(t, q.Description, "--", q.Name)
		require.NotEmpty(t, q.Description, q.Name)
		if q.Name != "unread-objects" {
			require.Contains(t, q.SQL, "FROM curated_sales_txns", q.Name)
			require.Contains(t, q.SQL, "WHERE dt >= ", "%s: without a limit Athena lists every day of the table's range", q.Name)
		}
		require.NotContains(t, q.SQL, ";", "Athena accepts one statement, without a semicolon")
	}
	require.Equal(t, []string{"incomplete-events", "returns", "sales-by-category-and-hour", "sales-by-store", "unread-objects"}, names)
}
