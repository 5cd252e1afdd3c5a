package query

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"store-events/schema"
)

func TestRaggedOutputIsAnError(t *testing.T) {
	require.ErrorContains(t, visitTabSeparated(strings.NewReader("a\tb\n1\n"), &Rows{}), "row 1 has 1 values, not 2")
}

func TestQuoting(t *testing.T) {
	require.Equal(t, "`a``b`", Identifier("a`b"))
	require.Equal(t, `"a""b"`, AthenaIdentifier(`a"b`))
	require.Equal(t, `'it''s \\'`, Literal(`it's \`))
	require.Equal(t, `'it''s'`, AthenaLiteral(`it's`))
}

// With any length of the contract's key, all keys are in commands that Systems Manager accepts.
func TestKeysFitIntoCommands(t *testing.T) {
	contract := schema.Load()
	c := Consumer{S3: s3.New(s3.Options{Region: "us-east-1"}), Bucket: strings.Repeat("b", 63)}
	for _, size := range []int{36, 64, 1000, 3064} {
		for _, character := range []string{"a", "'"} {
			keys := make([]string, 1001)
			for i := range keys {
				keys[i] = fmt.Sprintf("%04d", i) + strings.Repeat(character, size-4)
			}
			chunks := KeyChunks(keys)
			require.Equal(t, keys, slices.Concat(chunks...))
			for _, chunk := range chunks {
				statement := "select * from `sales_txns_tbl` where " + KeysIn(contract, true, chunk)
				require.Less(t, len(c.shellCommand(statement, "command-output/k.tsv.gz")), 63<<10, "%d %s", size, character)
			}
		}
	}
	require.Empty(t, KeyChunks(nil))
	uuids := make([]string, 1000)
	for i := range uuids {
		uuids[i] = fmt.Sprintf("%036d", i)
	}
	require.Len(t, KeyChunks(uuids), 2, "each command takes seconds")
	require.Equal(t, [][]string{{"a", "b"}, {"ccc"}, {"dddd"}, {"e"}}, Chunks([]string{"a", "b", "ccc", "dddd", "e"}, 2, 3, func(s string) int { return len(s) }))
}
