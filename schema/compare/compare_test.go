package compare

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

// after returns an edited copy of the contract, which shares nothing with the original.
func after(edit func(c *schema.Contract)) (from, to schema.Contract) {
	from, to = schema.Load(), schema.Load()
	edit(&to)
	return from, to
}

func set(name, kind string) func(*schema.Contract) {
	return func(c *schema.Contract) {
		for i := range c.Fields {
			if c.Fields[i].Name == name {
				c.Fields[i].Type = kind
			}
		}
	}
}

func TestBreakingChanges(t *testing.T) {
	for name, tc := range map[string]struct {
		edit     func(*schema.Contract)
		what     string
		breaking []Part
	}{
		"field added": {func(c *schema.Contract) { c.Fields = append(c.Fields, schema.Field{Name: "x_new", Type: "int"}) }, "field x_new (int) is added", nil},
		"field removed": {func(c *schema.Contract) {
			c.Fields = slices.DeleteFunc(c.Fields, func(f schema.Field) bool { return f.Name == "sku" })
		},
			"field sku (bigint) is removed", []Part{Catalog, Table, Parquet, Consumers}},
		"wider text":      {set("category", "string(100)"), "field category changes from string(64) to string(100)", nil},
		"narrower text":   {set("category", "string(10)"), "field category changes from string(64) to string(10)", []Part{Producer, Table, Parquet, Consumers}},
		"wider number":    {set("qty", "bigint"), "field qty changes from int to bigint", nil},
		"number to text":  {set("qty", "string(20)"), "field qty changes from int to string(20)", []Part{Producer, Catalog, Table, Parquet, Consumers}},
		"text to boolean": {set("category", "boolean"), "field category changes from string(64) to boolean", []Part{Producer, Table, Consumers}},
		"key":             {set("request_id", "string(64)"), "field request_id changes from string(36) to string(64)", []Part{Producer, Table, Consumers}},
		"type added": {func(c *schema.Contract) {
			c.Streams = append(c.Streams, schema.Stream{EventType: "x_event", Name: "x_events"})
		}, "event type x_event (objects below x_events/) is added", nil},
		"type removed": {func(c *schema.Contract) {
			c.Streams = slices.DeleteFunc(c.Streams, func(s schema.Stream) bool { return s.EventType == "inventory_event" })
		}, "event type inventory_event (objects below inventory_events/) is removed", []Part{Producer, Catalog, Consumers}},
		"type moved":         {func(c *schema.Contract) { c.Streams[0].Name = "sales" }, "event type sale_event moves from sale_events/ to sales/", []Part{Producer, Catalog}},
		"description":        {func(c *schema.Contract) { c.Fields[1].Description = "x" }, "the description of field category changes", nil},
		"expectation":        {func(c *schema.Contract) { c.Fields[1].Expect = nil }, "the expectations of field category change", nil},
		"more expected":      {func(c *schema.Contract) { c.Fields[0].Expect = &schema.FieldExpectation{} }, "the expectations of field request_id change", nil},
		"stream expectation": {func(c *schema.Contract) { c.Streams[0].Expect = nil }, "the expectations of event type sale_event change", nil},
		"days later":         {func(c *schema.Contract) { c.Days.First = "2020-01-01" }, "days.first changes from 2010-01-01 to 2020-01-01", []Part{Parquet}},
		"more days ahead":    {func(c *schema.Contract) { c.Days.Ahead = 60 }, "days.ahead changes from 31 to 60", nil},
		"prefix":             {func(c *schema.Contract) { c.Prefixes.Curated = "lake" }, `prefixes.curated changes from "curated" to "lake"`, []Part{Parquet}},
		"ledger":             {func(c *schema.Contract) { c.Ledger.Batches = "x" }, `ledger.batches changes from "etl_batches" to "x"`, []Part{Table}},
		"option":             {func(c *schema.Contract) { c.JobOptions.Replay = "again" }, `jobOptions.replay changes from "replay" to "again"`, []Part{Consumers}},
		"partition key":      {func(c *schema.Contract) { c.PartitionKey = "day" }, `partitionKey changes from "dt" to "day"`, []Part{Catalog}},
	} {
		t.Run(name, func(t *testing.T) {
			changes := Contracts(after(tc.edit))
			require.Len(t, changes, 1)
			require.Equal(t, tc.what, changes[0].What)
			var breaking []Part
			for _, e := range changes[0].Effects {
				require.NotEmpty(t, e.Text)
				if e.Breaking {
					breaking = append(breaking, e.Part)
				}
			}
			require.Equal(t, tc.breaking, breaking)
			require.Equal(t, tc.breaking != nil, Breaking(changes))
		})
	}
}

func TestEqualContractsHaveNoChanges(t *testing.T) {
	require.Empty(t, Contracts(after(func(*schema.Contract) {})))
}

// Every member of the contract that changes is reported.
func TestEveryMemberIsCompared(t *testing.T) {
	from, to := after(func(c *schema.Contract) {
		c.Metrics.Namespace, c.Manifest.Table, c.JobArguments.Connection = "a", "b", "c"
	})
	require.Len(t, Contracts(from, to), 3)
}
