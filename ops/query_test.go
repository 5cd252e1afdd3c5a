package ops

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// withConsumer serves commands on the consumer that print output. It returns a pointer to
// the last statement.
func withConsumer(f *fakeAWS, output string) *string {
	statement := new(string)
	f.consumerAnswers(func(sql string) string {
		f.answers("GetCommandInvocation", awsError{"InvocationDoesNotExist", "not yet"}, document{"Status": "InProgress"}, document{"Status": "Success"})
		*statement = sql
		return output
	})
	return statement
}

func TestQueryOnTheConsumer(t *testing.T) {
	for name, tc := range map[string]struct {
		output string
		want   Rows
	}{
		"rows": {
			"id\ttext\n1\tplain\n2\ta\\tb\\nc\\\\d\n3\tNULL\n",
			Rows{Columns: []string{"id", "text"}, Rows: [][]Cell{{{Text: "1"}, {Text: "plain"}}, {{Text: "2"}, {Text: "a\tb\nc\\d"}}, {{Text: "3"}, {Null: true}}}},
		},
		"nothing": {"", Rows{Columns: []string{}, Rows: [][]Cell{}}},
		"large":   {"id\n" + strings.Repeat("123456789\n", 10_000), Rows{Columns: []string{"id"}, Rows: repeat("123456789", 10_000)}},
	} {
		t.Run(name, func(t *testing.T) {
			f, o := newFake(t)
			statement := withConsumer(f, tc.output)
			f.throughConsumer(o)
			const sql = "select 'it''s', \"$(reboot)\" -- `x`\n"
			rows, err := o.Query(t.Context(), sql)
			require.NoError(t, err)
			require.Equal(t, tc.want, rows)
			require.Equal(t, sql, *statement)
		})
	}
}

// Truncated rows are an error.
func TestTruncatedResult(t *testing.T) {
	f, o := newFake(t)
	withConsumer(f, "id\n1\n2\n")
	send := f.on["SendCommand"]
	f.on["SendCommand"] = func(in document) any {
		sent := send(in)
		for key, body := range f.objects {
			f.objects[key] = body[:len(body)-9]
		}
		return sent
	}
	f.throughConsumer(o)
	_, err := o.Query(t.Context(), "select id from t")
	require.ErrorContains(t, err, "read s3://events/command-output/")
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

func repeat(value string, n int) [][]Cell {
	out := make([][]Cell, n)
	for i := range out {
		out[i] = []Cell{{Text: value}}
	}
	return out
}

// texts returns rows of strings without null values.
func texts(rows ...[]string) [][]Cell {
	out := make([][]Cell, len(rows))
	for i, row := range rows {
		for _, text := range row {
			out[i] = append(out[i], Cell{Text: text})
		}
	}
	return out
}

func TestFailedCommand(t *testing.T) {
	f, o := newFake(t)
	f.answers("SendCommand", document{"Command": document{"CommandId": "c-1"}})
	f.answers("GetCommandInvocation", document{"Status": "Failed", "StatusDetails": "Failed", "StandardErrorContent": "ERROR 1146 (42S02)\n"})
	f.throughConsumer(o)
	_, err := o.Query(t.Context(), "select 1 from none")
	require.EqualError(t, err, "query on the consumer i-1: command c-1 ended as Failed: ERROR 1146 (42S02)")
}

func TestErrorsDoNotContainTheSecret(t *testing.T) {
	f, o := newFake(t)
	f.answers("GetSecretValue", document{"SecretString": `{"password":"hunter2","port":"not a number"}`})
	_, err := o.Query(t.Context(), "select 1")
	require.EqualError(t, err, "secret arn:secret does not have the format of RDS's secrets")

	f.answers("GetSecretValue", document{"SecretString": `{"username":"u","password":"hunter2","host":"127.0.0.1","port":1,"dbname":"d"}`})
	_, err = o.Query(t.Context(), "select 1")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "hunter2")
}
