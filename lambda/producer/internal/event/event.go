// Package event makes and encodes store events, as schema/contract.json
// declares them.
package event

import (
	"strconv"
	"time"
)

// Sale is the type of the events whose amounts are summed. The other types are those
// of the contract's streams.
const Sale = "sale_event"

// Event is one store event. Its zero StoreID is left out of the encoding, as
// is bad_msg unless Incomplete is true.
type Event struct {
	RequestID        [36]byte // UUID in its text form.
	Category         string
	StoreID          string
	TS               time.Time
	Type             string
	SalesCents       int64
	SKU              int64
	GiftWrap         bool
	Qty              int64
	PriorityShipping bool
	ContactMe        string
	IsReturn         bool
	Incomplete       bool
	// Extra are further fields of the contract, encoded, each after a comma.
	Extra []byte
}

// Date is the UTC day of the event, yyyy-mm-dd: its dt partition.
func (e *Event) Date() string { return e.TS.UTC().Format(time.DateOnly) }

// Append adds the event to buf as one line of JSON with its line feed. The
// strings of an event come from this package and need no escaping.
func (e *Event) Append(buf []byte) []byte {
	buf = append(buf, `{"request_id":"`...)
	buf = append(buf, e.RequestID[:]...)
	buf = append(append(buf, `","category":"`...), e.Category...)
	if e.StoreID != "" {
		buf = append(append(buf, `","store_id":"`...), e.StoreID...)
	}
	buf = append(buf, `","ts":"`...)
	buf = e.TS.UTC().AppendFormat(buf, "2006-01-02T15:04:05.000Z")
	buf = append(append(buf, `","event_type":"`...), e.Type...)
	buf = appendCents(append(buf, `","sales":`...), e.SalesCents)
	buf = strconv.AppendInt(append(buf, `,"sku":`...), e.SKU, 10)
	buf = strconv.AppendBool(append(buf, `,"gift_wrap":`...), e.GiftWrap)
	buf = strconv.AppendInt(append(buf, `,"qty":`...), e.Qty, 10)
	buf = strconv.AppendBool(append(buf, `,"priority_shipping":`...), e.PriorityShipping)
	buf = append(append(buf, `,"contact_me":"`...), e.ContactMe...)
	buf = strconv.AppendBool(append(buf, `","is_return":`...), e.IsReturn)
	buf = append(buf, e.Extra...)
	if e.Incomplete {
		buf = append(buf, `,"bad_msg":true`...)
	}
	return append(buf, '}', '\n')
}

// appendCents writes a positive amount with two decimals.
func appendCents(buf []byte, cents int64) []byte {
	buf = strconv.AppendInt(buf, cents/100, 10)
	return append(buf, '.', byte('0'+cents/10%10), byte('0'+cents%10))
}
