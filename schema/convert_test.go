package schema

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDay(t *testing.T) {
	for timestamp, want := range map[string]string{
		"2024-05-01T10:20:30Z": "2024-05-01", "2024-05-01T10:20": "2024-05-01", "2024-05-01 23:59:59.999": "2024-05-01",
		// A different day in UTC.
		"2024-05-01T23:30:00-01:00": "2024-05-02", "2024-05-01T00:30:00+01": "2024-04-30", "20240501T003000.5+0100": "2024-04-30",
		"20240501T2359-0001": "2024-05-02", "20240501T235959.9-0000": "2024-05-01",
		"20240501T003059": "2024-05-01", "20240501T003060": "", "20240501T003060.5": "", "2024-05-01T00:30:60": "",
		"1000-01-01T00:00:00Z": "1000-01-01", "0999-12-31T23:59:59Z": "", "1000-01-01T00:00:00+00:01": "",
		"9999-12-31T23:59:59Z": "9999-12-31", "9999-12-31T23:59:59-00:01": "",
		"2024-05-01T00:00:00+18:00": "2024-04-30", "2024-05-01T00:00:00+18:01": "", "2024-05-01T12:00:00-18:00": "2024-05-02",
		"2024-05-01T00:00:00+10:59": "2024-04-30", "2024-05-01T00:00:00+10:60": "",
		"2024-02-30T00:00:00Z": "", "2024-05-01": "", "": "",
	} {
		require.Equal(t, want, Day(timestamp), timestamp)
	}
}

func TestNumbersInAnyFormat(t *testing.T) {
	for text, want := range map[string][2]bool{ // Whether it is an int, and whether a bigint.
		"3": {true, true}, "3.0": {true, true}, "300e-2": {true, true}, "0.03e2": {true, true}, "-0.0": {true, true}, "3.5": {false, false},
		"0.30": {false, false}, "3.0500e2": {true, true}, "0e999": {true, true}, "0000000000000000000000003": {true, true}, "3.000000000000000000000000": {true, true}, "1e-1": {false, false},
		"2147483647": {true, true}, "2147483648": {false, true}, "-2147483648": {true, true}, "-2147483649": {false, true}, "2.147483647e9": {true, true},
		"9223372036854775807": {false, true}, "9223372036854775808": {false, false}, "1e18": {false, true}, "1e19": {false, false}, "1e999": {false, false},
		"x": {false, false}, "": {false, false},
	} {
		require.Equal(t, want, [2]bool{fitsInteger(text, 32), fitsInteger(text, 64)}, text)
	}
}

func TestLengthOfStringsIsInCharacters(t *testing.T) {
	f := Field{Name: "f", Type: "string(2)"}
	for raw, want := range map[string]bool{`""`: true, `"ab"`: true, `"abc"`: false, `"\u00e4\u00f6"`: true, `"äö"`: true, `12`: true, `123`: false} {
		require.Equal(t, want, f.accepts(json.RawMessage(raw)), raw)
	}
	require.False(t, Field{Name: "f", Type: "blob"}.accepts(json.RawMessage("1")), "no value matches an unknown type")
}

func TestDaysOfTheTable(t *testing.T) {
	days := DayRange{First: "2010-01-01", Ahead: 31}
	today := time.Date(2024, 5, 1, 23, 30, 0, 0, time.FixedZone("", -3600)) // May 2 in UTC.
	for day, want := range map[string]bool{
		"2009-12-31": false, "2010-01-01": true, "2024-05-02": true, "2024-06-02": true, "2024-06-03": false,
	} {
		require.Equal(t, want, days.Has(day, today), day)
	}
}

func TestNamesFromTheContract(t *testing.T) {
	c := Load()
	require.Equal(t, []string{"etl_batches", "etl_objects", "etl_runs", "etl_collisions", "etl_migration", "etl_retired"}, c.Ledger.Tables())
	require.Equal(t, []string{"a", "b"}, Contract{Streams: []Stream{{Name: "a"}, {Name: "b"}}}.StreamNames())
	require.Equal(t, "bookmarks/loader/runs/", c.ManifestPrefix("loader"))
	require.Equal(t, "extra", Extra.Name)
	require.Equal(t, "string", Extra.GlueType())
	require.JSONEq(t, string(contractJSON), string(JSON()))
	require.PanicsWithValue(t, `schema: field f: type string(x): strconv.Atoi: parsing "x": invalid syntax`, func() { Field{Name: "f", Type: "string(x)"}.Params() })
}
