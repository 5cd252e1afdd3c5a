package ops

import (
	"encoding/base64"
	"regexp"
	"strings"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

// consumerAnswers serves statements on the consumer with what the mysql client
// prints.
func (f *fakeAWS) consumerAnswers(answer func(statement string) string) {
	f.answers("GetCommandInvocation", document{"Status": "Success"})
	f.on["SendCommand"] = func(in document) any {
		require.Equal(f.t, []any{"i-1"}, in["InstanceIds"])
		parts := shellCommand.FindStringSubmatch(in["Parameters"].(document)["commands"].([]any)[0].(string))
		require.Len(f.t, parts, 3)
		text, err := base64.StdEncoding.DecodeString(parts[1])
		require.NoError(f.t, err)
		f.objects[parts[2]] = gzipped(f.t, answer(string(text)))
		return document{"Command": document{"CommandId": "c-1"}}
	}
}

// shellCommand has the statement and the key of the object for its rows.
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

// consumerTables serves statements from tables, each given as what the mysql client
// prints for it. Tables that are not given do not exist.
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
	asksFor := strings.Contains(statement, "information_schema")
	for name, rows := range tables {
		switch {
		case asksFor && strings.Contains(statement, "'"+name+"'"):
			return "count(*)\n1\n"
		case !asksFor && strings.Contains(statement, "from `"+name+"`"):
			return rows
		}
	}
	return "count(*)\n0\n"
}

// throughConsumer runs statements on the consumer, as for a stack on AWS.
func (f *fakeAWS) throughConsumer(o *Ops) {
	cfg := configAt(o.stack.Endpoint)
	cfg.Region = o.stack.Region
	o.openDatabase(o.consumer(cfg))
}
