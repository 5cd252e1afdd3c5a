package schema

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The job's tests read the same cases.
func TestColumnChanges(t *testing.T) {
	file, err := os.Open("testdata/column_changes.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	count := 0
	for lines := bufio.NewScanner(file); lines.Scan(); count++ {
		var example struct{ From, Type, Way string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &example))
		c := Contract{Key: "id", Fields: []Field{{Name: "id", Type: "string(36)"}, {Name: "a", Type: example.Type}, {Name: "new", Type: "int"}}}
		changes := c.ColumnChanges(map[string]string{"id": "varchar(36)", "a": example.From, "batch_id": "bigint"})
		if example.Way == "" {
			require.Empty(t, changes, example)
			continue
		}
		require.Len(t, changes, 1, example)
		require.Equal(t, example.Way, changes[0].Way, example)
	}
	require.Greater(t, count, 20)
}

func TestKeyColumnCannotChange(t *testing.T) {
	c := Contract{Key: "id", Fields: []Field{{Name: "id", Type: "string(40)"}}}
	changes := c.ColumnChanges(map[string]string{"id": "varchar(36)"})
	require.Len(t, changes, 1)
	require.Equal(t, Refused, changes[0].Way)
	require.Equal(t, "id is varchar(36), but the contract requires varchar(40)", changes[0].String())
	require.Empty(t, Load().ColumnChanges(nil), "no table yet")
}
