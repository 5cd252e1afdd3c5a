package ops

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAthenaReadsAllPagesWithoutTheHeader(t *testing.T) {
	f, o := newFake(t)
	f.athenaAnswers("id", "1", "2", "3", "id")
	rows, err := o.Athena(t.Context(), "select id from t")
	require.NoError(t, err)
	require.Equal(t, Rows{Columns: []string{"id"}, Rows: texts([]string{"1"}, []string{"2"}, []string{"3"}, []string{"id"})}, rows)
}

func TestAthenaByName(t *testing.T) {
	f, o := newFake(t)
	f.athenaAnswers("n", "1")
	f.answers("GetNamedQuery", document{"NamedQuery": document{"Name": "returns", "Database": "sales", "QueryString": "select 7"}})
	f.on["StartQueryExecution"] = func(in document) any {
		require.Equal(t, "select 7", in["QueryString"])
		require.Equal(t, "wg", in["WorkGroup"])
		require.Equal(t, document{"Database": "sales"}, in["QueryExecutionContext"])
		return document{"QueryExecutionId": "e-1"}
	}
	_, err := o.Athena(t.Context(), "returns")
	require.NoError(t, err)

	_, err = o.Athena(t.Context(), "retruns")
	require.EqualError(t, err, `"retruns" is neither a statement nor a named query of the stack: returns`)
}

func TestNamedQueriesAreListed(t *testing.T) {
	f, o := newFake(t)
	f.on["GetNamedQuery"] = func(in document) any {
		require.Equal(t, "q-1", in["NamedQueryId"])
		return document{"NamedQuery": document{"Name": "stack-returns", "Database": "sales", "QueryString": "select 7", "Description": "Events returned"}}
	}
	queries, err := o.NamedQueries(t.Context())
	require.NoError(t, err)
	require.Equal(t, []NamedQuery{{"returns", "Events returned", "select 7"}}, queries)
}

func TestNullsOfAthena(t *testing.T) {
	f, o := newFake(t)
	f.athenaAnswers("a")
	f.answers("GetQueryResults", document{"ResultSet": document{
		"Rows":              []any{cells("a"), document{"Data": []any{document{}}}, cells("")},
		"ResultSetMetadata": document{"ColumnInfo": []any{document{"Name": "a", "Type": "varchar"}}},
	}})
	rows, err := o.Athena(t.Context(), "select a from t")
	require.NoError(t, err)
	require.Equal(t, [][]Cell{{{Null: true}}, {{}}}, rows.Rows)
	encoded, err := json.Marshal(rows.Rows)
	require.NoError(t, err)
	require.JSONEq(t, `[[null],[""]]`, string(encoded))
	require.Equal(t, [][]string{{"NULL"}, {""}}, rows.Texts())
}

func TestAthenaFailureAndCancel(t *testing.T) {
	f, o := newFake(t)
	f.athenaAnswers("a")
	f.answers("GetQueryExecution", document{"QueryExecution": document{"Status": document{"State": "FAILED", "StateChangeReason": "no column"}}})
	_, err := o.Athena(t.Context(), "select b from t")
	require.EqualError(t, err, "query e-1 of Athena ended as FAILED: no column")

	f.answers("GetQueryExecution", document{"QueryExecution": document{"Status": document{"State": "QUEUED"}}})
	f.answers("StopQueryExecution", document{})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = o.Athena(ctx, "select b from t")
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, 1, f.called("StopQueryExecution"))
}
