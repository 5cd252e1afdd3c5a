package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWithColumns(t *testing.T) {
	plain := Load()
	for text, want := range map[string][]Field{
		"":                     nil,
		"x_channel=string(32)": {{Name: "x_channel", Type: "string(32)"}},
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
		"tax":                           `"tax" is not of the form`,
		"tax=number":                    "is not of the form",
		"Tax=int":                       "is not of the form",
		"qty=int":                       "qty is already a column",
		"a=int,a=boolean":               "a is already a column",
		"extra=int":                     "extra is already a column",
		"dt=timestamp":                  "dt is already a column",
		"batch_id=bigint":               "batch_id is already a column",
		"batch_position=int":            "batch_position is already a column",
		"request_id_hash=string(16)":    "request_id_hash is already a column",
		"a=string(0)":                   "is not of the form",
		"a=int;drop table x":            "is not of the form",
		"a=decimal(60,2)":               "decimal(60,2) is not allowed: 1 to 38 digits",
		"a=decimal(39,2)":               "1 to 38 digits",
		"a=decimal(0,0)":                "1 to 38 digits",
		"a=decimal(4,5)":                "at most 4 of them after the point",
		"a=decimal(38,31)":              "at most 30 of them after the point",
		"a=string(9999),b=string(9999)": "bytes in a row of MySQL",
	} {
		_, err := plain.WithColumns(text)
		require.ErrorContains(t, err, message, text)
	}
	require.Equal(t, Load(), plain, "the contract is not changed")

	// Load does not check the contract of an edited source.
	for _, kind := range []string{"float", "string", "decimal(12)"} {
		edited := Load()
		edited.Fields[1].Type = kind
		_, err := edited.WithColumns("")
		require.ErrorContains(t, err, fmt.Sprintf("field category: type %q: use string(N)", kind))
	}

	room := Load()
	room.Fields = append(make([]Field, 0, 50), room.Fields...) // append would not copy these slices.
	first, err := room.WithColumns("one=int")
	require.NoError(t, err)
	_, err = room.WithColumns("two=int")
	require.NoError(t, err)
	require.Equal(t, "one", first.Fields[len(first.Fields)-1].Name, "two contracts share no fields")
}

// plain returns a contract with the fields of the table that was tested with MySQL.
func plain() Contract {
	c := Load()
	c.Fields = []Field{{Name: c.Key, Type: "string(36)"}}
	for _, f := range []string{
		"category=string(64)", "store_id=string(64)", "ts=timestamp", "event_type=string(32)", "sales=decimal(12,2)", "sku=bigint",
		"gift_wrap=boolean", "qty=int", "priority_shipping=boolean", "contact_me=string(128)", "is_return=boolean", "bad_msg=boolean",
	} {
		name, kind, _ := strings.Cut(f, "=")
		c.Fields = append(c.Fields, Field{Name: name, Type: kind})
	}
	return c
}

// The limits were found with MySQL 9.7.4 and the table that the job creates.
func TestRowSizeMatchesMySQL(t *testing.T) {
	const all = "a=string(9999),b=string(2000),c=decimal(38,10),d=timestamp,e=int,f=bigint,g=boolean,h=decimal(5,0),i=boolean,j=string(63),k=string(%d)"
	c := plain()
	for text, most := range map[string]int{"a=string(9999),b=string(%d)": 6066, all: 3991} {
		_, err := c.WithColumns(fmt.Sprintf(text, most))
		require.NoError(t, err)
		_, err = c.WithColumns(fmt.Sprintf(text, most+1))
		require.ErrorContains(t, err, "use at most 65535")
	}
}
