package ops

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

// The conditions run on a real server, because the results of casts depend on it.
func TestPlanMigration(t *testing.T) {
	f, o := newFake(t)
	withDatabase(t, f)
	contract, err := o.contract.WithColumns("a=string(3),b=decimal(6,2),c=int,d=decimal(8,3),e=bigint,f=string(20),g=int")
	require.NoError(t, err)
	m, err := o.PlanMigration(t.Context(), contract)
	require.NoError(t, err)
	require.Empty(t, m.Columns, "before the first ingest")

	for _, sql := range []string{
		"create table sales_txns_tbl (request_id varchar(36) primary key, dt date, a varchar(9), b decimal(12,4), c bigint, d varchar(40), e varchar(40), f datetime(3), g int)",
		"insert into sales_txns_tbl values" +
			" ('1', '2026-05-01', 'abc', 1.25, 7, '-12.5', '9223372036854775807', null, 1), ('2', '2026-05-01', null, null, null, null, null, null, 2)," +
			" ('3', '2026-05-02', 'äöü', 9999.99, -2147483648, '12345.678', '-9223372036854775808', null, 3)",
	} {
		_, err = o.Query(t.Context(), sql)
		require.NoError(t, err)
	}
	m, err = o.PlanMigration(t.Context(), contract)
	require.NoError(t, err)
	require.Equal(t, 3, m.Rows)
	require.Equal(t, 2, m.Days)
	require.Len(t, m.Columns, 6)
	for _, c := range m.Columns {
		require.Zero(t, c.Unfit, c)
	}
	require.Equal(t, schema.Refused, m.Columns[5].Way)
	require.EqualError(t, m.Err(), "table sales_txns_tbl cannot be migrated:\ncolumn f is datetime(3) and cannot become varchar(20): restore the field's type, or rename the field")

	_, err = o.Query(t.Context(), "insert into sales_txns_tbl values ('4', '2026-05-03', 'abcd', 1.255, 2147483648, 'ten', '9223372036854775808', null, 1),"+
		" ('5', '2026-05-03', null, 10000, -2147483649, '1.2345', '1.5', null, 1), ('6', '2026-05-03', null, null, null, '123456', '1e3', null, 1), ('7', '2026-05-03', null, null, null, null, '7\\n', null, 1)")
	require.NoError(t, err)
	m, err = o.PlanMigration(t.Context(), contract)
	require.NoError(t, err)
	var counts []int
	for _, c := range m.Columns {
		counts = append(counts, c.Unfit)
	}
	require.Equal(t, []int{1, 2, 2, 3, 4, 0}, counts)
	require.ErrorContains(t, m.Err(), `1 values of column a do not fit into varchar(3), such as "abcd": choose a type that fits them`)
}

func TestMigrateRunsTheJobOnce(t *testing.T) {
	w := newWorld(t)
	w.ledgerOnly()
	w.runs(func(arguments document) { require.Equal(t, document{"--migrate_columns": "true"}, arguments) })
	r, err := w.Migrate(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, r.RowsNew)
}
