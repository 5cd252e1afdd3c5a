package event

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"store-events/schema"
)

var noon = time.Date(2026, 5, 1, 12, 0, 0, 7e6, time.UTC)

func decode(t require.TestingT, e Event) map[string]any {
	line := e.Append(nil)
	require.Equal(t, byte('\n'), line[len(line)-1])
	var fields map[string]any
	require.NoError(t, json.Unmarshal(line, &fields))
	return fields
}

func TestFieldsMatchTheContract(t *testing.T) {
	contract := schema.Load()
	for _, bad := range []bool{false, true} {
		share := 0.0
		if bad {
			share = 1
		}
		fields := decode(t, NewGenerator(1, share).Next(noon))
		for _, f := range contract.Fields {
			absent := bad && f.Name == "store_id" || !bad && f.Name == "bad_msg"
			require.Equal(t, !absent, fields[f.Name] != nil, "%s, bad: %v", f.Name, bad)
			delete(fields, f.Name)
		}
		require.Empty(t, fields, "fields missing from the contract")
	}
}

func TestEventTypesMatchTheStreams(t *testing.T) {
	types, made := map[string]bool{}, map[string]bool{}
	for _, s := range schema.Load().Streams {
		types[s.EventType] = true
	}
	g := NewGenerator(1, 0)
	for range 1000 {
		e := g.Next(noon)
		made[e.Type] = true
	}
	require.Equal(t, types, made)
}

// plain is a contract with the fields of Event and two types of event.
func plain() schema.Contract {
	c := schema.Load()
	c.Fields = slices.DeleteFunc(slices.Clone(c.Fields), func(f schema.Field) bool { return !slices.Contains(eventFields, f.Name) })
	c.Streams = []schema.Stream{{EventType: Sale, Name: "sale_events"}, {EventType: "inventory_event", Name: "inventory_events"}}
	return c
}

// Event writes some fields itself, followed by the other fields of the contract.
func TestEachFieldIsWrittenOnce(t *testing.T) {
	plain, bad := NewGenerator(1, 0).Next(noon), NewGenerator(1, 1).Next(noon)
	for _, f := range schema.Load().Fields {
		e := plain
		if f.Name == "bad_msg" {
			e = bad
		}
		require.Equal(t, 1, strings.Count(string(e.Append(nil)), `"`+f.Name+`":`), f.Name)
	}
}

// The producer sends valid events for any fields and types of a contract.
func TestNewFieldsAndTypesNeedNoCode(t *testing.T) {
	c, err := plain().WithColumns("a=string(3),b=string(40),c=int,d=bigint,e=decimal(12,2),f=decimal(2,2),g=decimal(38,0),h=boolean,i=timestamp,j=decimal(12,1)")
	require.NoError(t, err)
	c.Streams = append(c.Streams, schema.Stream{EventType: "return_event", Name: "return_events"})
	g, types, values := newGenerator(c, 3, 0.1), map[string]int{}, map[string]map[string]int{}
	for range 2000 {
		e := g.Next(noon)
		types[e.Type]++
		fields := decode(t, e)
		_, reason := c.Check(e.Append(nil))
		require.Empty(t, reason, string(e.Append(nil)))
		for _, f := range c.Fields {
			if f.Name != "store_id" && f.Name != "bad_msg" {
				require.Contains(t, fields, f.Name)
			}
		}
		var written map[string]json.RawMessage
		require.NoError(t, json.Unmarshal(e.Append(nil), &written))
		for name, value := range written {
			if values[name] == nil {
				values[name] = map[string]int{}
			}
			values[name][string(value)]++
		}
	}
	for name, want := range map[string][]string{
		"b": {`"b_1"`, `"b_2"`, `"b_3"`, `"b_4"`, `"b_5"`, `"b_6"`, `"b_7"`, `"b_8"`, `"b_9"`, `"b_10"`},
		"e": {"0.55", "1.55", "2.55", "3.55", "4.55", "5.55", "6.55", "7.55", "8.55", "9.55"},
		"f": {"0.55"}, // All digits are decimals.
		"g": {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
		"h": {"false", "true"},
		"i": {`"2026-05-01T12:00:00.007Z"`},
		"j": {"0.5", "1.5", "2.5", "3.5", "4.5", "5.5", "6.5", "7.5", "8.5", "9.5"},
	} {
		require.ElementsMatch(t, want, slices.Collect(maps.Keys(values[name])), name)
	}
	require.InDelta(t, 1000, values["h"]["true"], 100)
	require.Len(t, types, 3)
	require.InDelta(t, 500, types["return_event"], 100)
}

func TestValues(t *testing.T) {
	contract := schema.Load()
	rapid.Check(t, func(t *rapid.T) {
		ts := time.UnixMilli(rapid.Int64Range(0, 4e12).Draw(t, "ms")).UTC()
		e := NewGenerator(rapid.Uint64().Draw(t, "seed"), 0.5).Next(ts)
		fields := decode(t, e)

		id, err := uuid.Parse(fields["request_id"].(string))
		require.NoError(t, err)
		require.Equal(t, uuid.Version(4), id.Version())
		require.Equal(t, uuid.RFC4122, id.Variant())
		require.Equal(t, e.Incomplete, fields["store_id"] == nil)
		require.Equal(t, e.Incomplete, fields["bad_msg"] == true)
		require.InDelta(t, float64(e.SalesCents)/100, fields["sales"], 1e-9)
		require.Positive(t, fields["sales"])
		got, err := time.Parse(time.RFC3339, fields["ts"].(string))
		require.NoError(t, err)
		require.Equal(t, ts, got)
		require.Equal(t, fields["ts"].(string)[:10], e.Date())
		key, reason := contract.Check(e.Append(nil))
		require.Empty(t, reason)
		require.Equal(t, fields["request_id"], key)
	})
}

func TestSameSeedAndClockSameEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed, share := rapid.Uint64().Draw(t, "seed"), rapid.Float64Range(0, 1).Draw(t, "share")
		a, b, c := NewGenerator(seed, share), NewGenerator(seed, share), NewGenerator(seed+1, share)
		for i := range 20 {
			ts := noon.Add(time.Duration(i) * time.Millisecond)
			first, second, other := a.Next(ts), b.Next(ts), c.Next(ts)
			require.Equal(t, first.Append(nil), second.Append(nil))
			require.NotEqual(t, first.RequestID, other.RequestID)
		}
	})
}

func TestShares(t *testing.T) {
	for _, share := range []float64{0, 0.1, 0.5, 1} {
		const n = 20_000
		g, tally, ids := NewGenerator(42, share), Tally{}, map[[36]byte]bool{}
		for range n {
			e := g.Next(noon)
			tally.Count(&e)
			ids[e.RequestID] = true
		}
		require.Len(t, ids, n)
		require.Equal(t, n, tally.Events)
		require.Equal(t, n, tally.Sales+tally.Inventory)
		require.InDelta(t, share, float64(tally.Incomplete)/n, 0.01)
		require.InDelta(t, 0.5, float64(tally.Sales)/n, 0.02)
	}
}

func TestTallySumsSaleEventsOnly(t *testing.T) {
	var a, b Tally
	a.Count(&Event{Type: Sale, SalesCents: 10, Incomplete: true})
	a.Count(&Event{Type: "inventory_event", SalesCents: 99})
	b.Count(&Event{Type: Sale, SalesCents: 5})
	b.Count(&Event{Type: "inventory_event", Incomplete: true})
	a.Add(b)
	require.Equal(t, Tally{Events: 4, Incomplete: 2, Sales: 2, Inventory: 2, SalesCents: 15}, a)
}

// A seed produces the same events in every version.
func TestEventsOfASeed(t *testing.T) {
	g := newGenerator(plain(), 7, 0.5)
	var lines string
	for i := range 4 {
		e := g.Next(noon.Add(time.Duration(i) * time.Second))
		lines += string(e.Append(nil))
	}
	require.Equal(t, `{"request_id":"96a299ce-93f6-4200-a1d6-fd601e280c8d","category":"Speakers","ts":"2026-05-01T12:00:00.007Z","event_type":"inventory_event","sales":77.41,"sku":74038,"gift_wrap":false,"qty":17,"priority_shipping":true,"contact_me":"customer704@example.com","is_return":true,"bad_msg":true}
{"request_id":"87c5be0a-8150-4121-9733-02766a546e96","category":"Cables","store_id":"store_3","ts":"2026-05-01T12:00:01.007Z","event_type":"inventory_event","sales":77.71,"sku":75670,"gift_wrap":false,"qty":14,"priority_shipping":true,"contact_me":"customer686@example.com","is_return":false}
{"request_id":"1493266b-1c3e-4df5-9224-bee0bf03cdb6","category":"Laptops","ts":"2026-05-01T12:00:02.007Z","event_type":"inventory_event","sales":36.85,"sku":79680,"gift_wrap":true,"qty":38,"priority_shipping":true,"contact_me":"customer173@example.com","is_return":false,"bad_msg":true}
{"request_id":"342a3344-fc75-43fb-9eab-56351a255db4","category":"Stationaries","store_id":"store_9","ts":"2026-05-01T12:00:03.007Z","event_type":"inventory_event","sales":6.75,"sku":115783,"gift_wrap":true,"qty":17,"priority_shipping":false,"contact_me":"customer671@example.com","is_return":false}
`, lines)
}

func TestValuesSpanTheirRanges(t *testing.T) {
	categories, stores, contacts, quantities := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[int64]bool{}
	var flags [3]int
	const n = 50_000
	g := NewGenerator(1, 0)
	for range n {
		e := g.Next(noon)
		categories[e.Category], stores[e.StoreID], contacts[e.ContactMe], quantities[e.Qty] = true, true, true, true
		require.True(t, 18981 <= e.SKU && e.SKU <= 189281)
		require.True(t, 1 <= e.SalesCents && e.SalesCents <= 100_00)
		for i, set := range []bool{e.GiftWrap, e.PriorityShipping, e.IsReturn} {
			if set {
				flags[i]++
			}
		}
	}
	require.Len(t, categories, 16)
	require.Len(t, stores, 10)
	require.Len(t, contacts, 1000)
	require.Len(t, quantities, 38)
	require.True(t, stores["store_1"] && stores["store_10"] && contacts["customer1@example.com"] && contacts["customer1000@example.com"])
	require.True(t, quantities[1] && quantities[38])
	for _, name := range []string{
		"Books", "Games", "Mobiles", "Groceries", "Shoes", "Stationaries", "Laptops", "Tablets", "Notebooks",
		"Camera", "Printers", "Monitors", "Speakers", "Projectors", "Cables", "Furniture",
	} {
		require.True(t, categories[name], name)
	}
	for _, set := range flags {
		require.InDelta(t, 0.5, float64(set)/n, 0.02)
	}
}

func BenchmarkGenerateAndEncode(b *testing.B) {
	g, buf := NewGenerator(1, 0.1), make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		e := g.Next(noon)
		buf = e.Append(buf[:0])
		b.SetBytes(int64(len(buf)))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
