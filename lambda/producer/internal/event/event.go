// Package event generates and encodes store events according to schema/contract.json.
package event

import (
	"strconv"
	"time"
)

// Sale is the event type whose amounts are summed. The contract's streams declare the
// other types.
const Sale = "sale_event"

// Event is one store event. The encoding omits an empty StoreID, and bad_msg unless
// Incomplete is true.
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
	// Extra has the encoded other fields of the contract, each after a comma.
	Extra []byte
}

// Date returns the event's day in UTC, yyyy-mm-dd, which is its dt partition.
func (e *Event) Date() string { return e.TS.UTC().Format(time.DateOnly) }

// Append appends the event to buf as a line of JSON with a line feed. An event's strings
// are from this package and need no escaping.
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

// appendCents appends a positive amount with two decimals.
func appendCents(buf []byte, cents int64) []byte {
	buf = strconv.AppendInt(buf, cents/100, 10)
	return append(buf, '.', byte('0'+cents/10%10), byte('0'+cents%10))
}
