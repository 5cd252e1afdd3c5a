package schema

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithColumns(t *testing.T) {
	plain := Load()
	for text, want := range map[string][]Field{
		"":                   nil,
		"channel=string(32)": {{Name: "channel", Type: "string(32)"}},
		"tax=decimal(12,2), loyal=boolean,at=timestamp": {
			{Name: "tax", Type: "decimal(12,2)"}, {Name: "loyal", Type: "boolean"}, {Name: "at", Type: "timestamp"},
		},
	} {
		wider, err := plain.WithColumns(text)
		require.NoError(t, err, text)
		more := wider.Fields[len(plain.Fields):]
		require.Len(t, more, len(want), text)
		for i := range want {
			require.Equal(t, want[i].Name, more[i].Name)
			require.Equal(t, want[i].Type, more[i].Type)
		}
	}
	for text, message := range map[string]string{
		"tax":                `"tax" is not of the form`,
		"tax=number":         "is not of the form",
		"Tax=int":            "is not of the form",
		"qty=int":            "qty is a column already",
		"a=int,a=boolean":    "a is a column already",
		"batch_id=bigint":    "batch_id is a column already",
		"a=string(0)":        "is not of the form",
		"a=int;drop table x": "is not of the form",
	} {
		_, err := plain.WithColumns(text)
		require.ErrorContains(t, err, message, text)
	}
	require.Equal(t, Load(), plain, "the contract itself does not change")
}
