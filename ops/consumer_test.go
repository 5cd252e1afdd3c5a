package ops

import (
	"encoding/base64"
	"strings"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

// consumerAnswers serves statements on the consumer with what the mysql client
// prints.
func (f *fakeAWS) consumerAnswers(answer func(statement string) string) {
	f.answers("GetCommandInvocation", document{"Status": "Success", "StandardOutputContent": "…"})
	f.on["SendCommand"] = func(in document) any {
		command := in["Parameters"].(document)["commands"].([]any)[0].(string)
		encoded, _, _ := strings.Cut(strings.TrimPrefix(command, "echo "), " ")
		text, err := base64.StdEncoding.DecodeString(encoded)
		require.NoError(f.t, err)
		f.objects["command-output/c-1/i-1/stdout"] = []byte(answer(string(text)))
		return document{"Command": document{"CommandId": "c-1"}}
	}
}

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
	f.consumerAnswers(func(statement string) string {
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
	})
}

// throughConsumer runs statements on the consumer, as for a stack on AWS.
func (f *fakeAWS) throughConsumer(o *Ops) {
	cfg := configAt(o.stack.Endpoint)
	cfg.Region = o.stack.Region
	o.openDatabase(o.consumer(cfg))
}
