package event

import (
	"encoding/hex"
	"math/rand/v2"
	"strconv"
	"time"

	"store-events/schema"
)

const (
	stores    = 10
	customers = 1000
	maxCents  = 100_00
	minSKU    = 18981
	maxSKU    = 189281
	maxQty    = 38
)

var (
	categories = []string{
		"Books", "Games", "Mobiles", "Groceries", "Shoes", "Stationaries", "Laptops", "Tablets", "Notebooks",
		"Camera", "Printers", "Monitors", "Speakers", "Projectors", "Cables", "Furniture",
	}
	storeIDs = numbered("store_", stores, "")
	contacts = numbered("customer", customers, "@example.com")
)

// Generator generates events. The same seed and times result in the same events,
// including request_id. It is not safe for concurrent use.
type Generator struct {
	rng             *rand.Rand
	incompleteShare float64
	extra           extraFields
	// others are the event types besides sales.
	others []string
}

// NewGenerator returns a generator of events with all types and fields of the contract.
// incompleteShare, 0 to 1, is the share of incomplete events.
func NewGenerator(seed uint64, incompleteShare float64) *Generator {
	return newGenerator(schema.Load(), seed, incompleteShare)
}

func newGenerator(c schema.Contract, seed uint64, incompleteShare float64) *Generator {
	const stream = 0x9e3779b97f4a7c15
	g := &Generator{rng: rand.New(rand.NewPCG(seed, stream)), incompleteShare: incompleteShare, extra: newExtraFields(c)} //nolint:gosec // Sample data.
	for _, s := range c.Streams {
		if s.EventType != Sale {
			g.others = append(g.others, s.EventType)
		}
	}
	return g
}

// Next returns an event with the time ts. All choices are independent. Half of the
// events are sales, and half are returns.
func (g *Generator) Next(ts time.Time) Event {
	flags := g.rng.Uint64()
	e := Event{
		RequestID:        uuid4(g.rng.Uint64(), g.rng.Uint64()),
		Category:         categories[g.rng.IntN(len(categories))],
		StoreID:          storeIDs[g.rng.IntN(len(storeIDs))],
		TS:               ts,
		SalesCents:       1 + g.rng.Int64N(maxCents),
		SKU:              minSKU + g.rng.Int64N(maxSKU-minSKU+1),
		GiftWrap:         flags&1 != 0,
		Qty:              1 + g.rng.Int64N(maxQty),
		PriorityShipping: flags&2 != 0,
		ContactMe:        contacts[g.rng.IntN(len(contacts))],
		IsReturn:         flags&4 != 0,
	}
	switch {
	case flags&8 != 0 || len(g.others) == 0:
		e.Type = Sale
	default:
		e.Type = g.others[(flags>>4)%uint64(len(g.others))]
	}
	if g.rng.Float64() < g.incompleteShare {
		e.Incomplete, e.StoreID = true, ""
	}
	e.Extra = g.extra.encode(g.rng, ts)
	return e
}

// uuid4 formats 122 of 128 random bits as a version 4 UUID (RFC 9562, 5.4).
func uuid4(high, low uint64) (text [36]byte) {
	var b [16]byte
	for i := range 8 {
		b[i], b[8+i] = byte(high>>(8*i)), byte(low>>(8*i))
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	hex.Encode(text[0:8], b[0:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:36], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return text
}

func numbered(prefix string, n int, suffix string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = prefix + strconv.Itoa(i+1) + suffix
	}
	return out
}
