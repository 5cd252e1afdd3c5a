package ops

import (
	"context"
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

// noTable returns the mysql client's error for a missing table.
func noTable(name string) string {
	return noTableNumber + "at line 1: Table 'store_events." + name + "' doesn't exist"
}

const noTableNumber = "ERROR 1146 (42S02) "

var firstTable = regexp.MustCompile("from `([^`]+)`")

// consumerAnswers serves statements on the consumer with output of the mysql
// client.
func (f *fakeAWS) consumerAnswers(answer func(statement string) string) {
	f.on["SendCommand"] = func(in document) any {
		require.Equal(f.t, []any{"i-1"}, in["InstanceIds"])
		command := in["Parameters"].(document)["commands"].([]any)[0].(string)
		require.Less(f.t, len(command), 63<<10, "Systems Manager's limit, without the document AWS-RunShellScript")
		parts := shellCommand.FindStringSubmatch(command)
		require.Len(f.t, parts, 3)
		text, err := base64.StdEncoding.DecodeString(parts[1])
		require.NoError(f.t, err)
		f.answers("GetCommandInvocation", document{"Status": "Success"})
		printed := answer(string(text))
		if strings.HasPrefix(printed, noTableNumber) {
			f.answers("GetCommandInvocation", document{"Status": "Failed", "StatusDetails": "Failed", "StandardErrorContent": printed})
		}
		f.objects[parts[2]] = gzipped(f.t, printed)
		return document{"Command": document{"CommandId": "c-1"}}
	}
}

// shellCommand matches the statement and the key of the object for its rows.
var shellCommand = regexp.MustCompile(`^set -o pipefail; echo (\S+) \| base64 -d \| /usr/local/bin/store-events-sql` +
	` \| gzip -1 \| aws s3 cp --region us-east-1 --only-show-errors - s3://events/(command-output/[A-Z0-9]+\.tsv\.gz)$`)

// targetColumns are the columns of the target table.
var targetColumns = func() string {
	names := []string{}
	for _, f := range append(schema.Load().Fields, schema.Extra) {
		names = append(names, f.Name)
	}
	return strings.Join(names, "\t")
}()

// consumerTables serves statements from tables, given as output of the mysql client.
// Other tables do not exist.
func (f *fakeAWS) consumerTables(tables map[string]string) {
	f.consumerAnswers(func(statement string) string { return fromTables(tables, statement) })
}

func fromTables(tables map[string]string, statement string) string {
	if strings.Contains(statement, "information_schema.columns") {
		columns := "column_name\tcolumn_type\n"
		if _, exists := tables["sales_txns_tbl"]; exists {
			columns += strings.ReplaceAll(targetColumns, "\t", "\ttext\n") + "\ttext\n"
		}
		return columns
	}
	found := "" // The longest name, which may include the table's alias.
	for name := range tables {
		if strings.Contains(statement, "from `"+name) && len(name) > len(found) {
			found = name
		}
	}
	if found != "" {
		return tables[found]
	}
	return noTable(firstTable.FindStringSubmatch(statement)[1])
}

// throughConsumer makes o run statements on the consumer, as for a stack on AWS.
func (f *fakeAWS) throughConsumer(o *Ops) {
	cfg := configAt(o.stack.Endpoint)
	cfg.Region = o.stack.Region
	o.openDatabase(o.consumer(cfg))
}

// Each statement is a command on the consumer and takes seconds, so that operations do not first check that a table exists.
func TestOneCommandReadsATable(t *testing.T) {
	for name, tables := range map[string]map[string]string{
		"before the first run": nil,
		"after a run": {
			"sales_txns_tbl": "count(*)\n5\n", "etl_objects": "lines\tversions\n0\t0\n",
			"etl_runs": "run_number\tid\ts\te\to\tm\tr\tn\td\tq\n12\tjr_1\t\t\tfailed\t0\t0\t0\t0\t0\n",
		},
	} {
		f, o := newFake(t)
		f.throughConsumer(o)
		f.consumerTables(tables)
		for what, read := range map[string]func(context.Context) (state string, err error){
			"runs": func(ctx context.Context) (string, error) {
				runs, err := o.Runs(ctx, 1)
				return strconv.Itoa(len(runs)), err
			},
			"rows":       func(ctx context.Context) (string, error) { n, err := o.CountRows(ctx); return strconv.Itoa(n), err },
			"table":      func(ctx context.Context) (string, error) { p, err := o.tableStatus(ctx); return p.State, err },
			"quarantine": func(ctx context.Context) (string, error) { p, err := o.quarantineStatus(ctx); return p.Detail, err },
		} {
			sent := f.called("SendCommand")
			state, err := read(t.Context())
			require.NoError(t, err, "%s %s", what, name)
			require.Equal(t, map[bool]map[string]string{
				true:  {"runs": "0", "rows": "0", "table": stateMissing, "quarantine": "empty"},
				false: {"runs": "1", "rows": "5", "table": "available", "quarantine": "empty"},
			}[tables == nil][what], state, "%s %s", what, name)
			require.Equal(t, 1, f.called("SendCommand")-sent, "%s %s", what, name)
		}
	}
}

// A statement that joins tables fails if the other one is missing: an incomplete ledger is not an empty one.
func TestMissingJoinedTableIsAnError(t *testing.T) {
	f, o := newFake(t)
	f.throughConsumer(o)
	f.consumerAnswers(func(string) string { return noTable("etl_objects") })
	require.ErrorContains(t, o.ledger.EachReplaced(t.Context(), func(int64) {}), "etl_objects")
	f.consumerAnswers(func(string) string { return noTable("etl_batches") })
	require.NoError(t, o.ledger.EachReplaced(t.Context(), func(int64) {}))
}
