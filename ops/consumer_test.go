package ops

import (
	"encoding/base64"
	"strings"

	"github.com/stretchr/testify/require"
)

// consumerTables serves commands on the consumer that query tables: each is given as
// what the mysql client prints of a statement from it. Those that are not given
// do not exist.
func (f *fakeAWS) consumerTables(tables map[string]string) {
	f.answers("GetCommandInvocation", document{"Status": "Success", "StandardOutputContent": "…"})
	f.on["SendCommand"] = func(in document) any {
		command := in["Parameters"].(document)["commands"].([]any)[0].(string)
		encoded, _, _ := strings.Cut(strings.TrimPrefix(command, "echo "), " ")
		text, err := base64.StdEncoding.DecodeString(encoded)
		require.NoError(f.t, err)
		f.objects["command-output/c-1/i-1/stdout"] = []byte(answerOf(tables, string(text)))
		return document{"Command": document{"CommandId": "c-1"}}
	}
}

func answerOf(tables map[string]string, statement string) string {
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
