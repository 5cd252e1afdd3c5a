package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/ops"
)

// migratesColumns adds a column by configuration and changes its type.
func (s *stack) migratesColumns(t *testing.T, out map[string]any, today string) {
	t.Helper()
	columns := func(types string) string { return "--config=store-events:extraColumns=" + types }
	second := "sale_events/dt=" + today + "/channel-2.json"
	s.put(t, out, "sale_events/dt="+today+"/channel-1.json", `{"request_id":"channel-1","x_channel":"7"}`)
	s.put(t, out, second, `{"request_id":"channel-2","x_channel":"web"}`)
	s.run(t, nil, "up", columns("x_channel=string(8)"))
	var r ingestReport
	s.run(t, &r, "ingest")
	require.Equal(t, 2, r.RowsNew)

	for _, command := range []string{"up", "preview"} {
		refused := s.fails(t, command, columns("x_channel=int"))
		require.Contains(t, refused, "x_channel is varchar(8), but the contract requires int", command)
		require.Contains(t, refused, "storeevents migrate --stack local", command)
	}
	require.Contains(t, s.fails(t, "migrate", "--yes", columns("x_channel=int")), `"\"web\""`)
	db := s.database(t, out)
	// The producer corrects the event, and an operator corrects the row.
	_, err := db.ExecContext(t.Context(), "UPDATE sales_txns_tbl SET x_channel = '8' WHERE x_channel = 'web'")
	require.NoError(t, err)
	s.put(t, out, second, `{"request_id":"channel-2","x_channel":"8"}`)
	s.run(t, &r, "ingest")
	require.Equal(t, 1, r.RowsDuplicate)

	var m ops.Migration
	s.run(t, &m, "migrate", columns("x_channel=int"))
	require.Equal(t, []ops.ColumnMigration{{Name: "x_channel", From: "varchar(8)", To: "int", Way: "migration"}}, m.Columns)
	require.Nil(t, m.Run)
	s.run(t, &m, "migrate", "--yes", columns("x_channel=int"))
	require.NotNil(t, m.Run)
	var kind string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT data_type FROM information_schema.columns WHERE table_name = 'sales_txns_tbl' AND column_name = 'x_channel'").Scan(&kind))
	require.Equal(t, "int", kind)
	var rows struct{ Rows [][]string }
	s.run(t, &rows, "athena", "SELECT x_channel + 1 FROM curated_sales_txns WHERE x_channel IS NOT NULL ORDER BY 1")
	require.Equal(t, [][]string{{"8"}, {"9"}}, rows.Rows)
	var v verification
	s.run(t, &v, "verify")
	require.True(t, v.OK)
}
