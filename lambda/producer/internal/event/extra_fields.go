package event

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"store-events/schema"
)

// eventFields are the fields that Event.Append encodes.
var eventFields = []string{
	"request_id", "category", "store_id", "ts", "event_type", "sales", "sku", "gift_wrap", "qty", "priority_shipping", "contact_me", "is_return", "bad_msg",
}

// extraFields generates values for the contract's fields that Event lacks, so that a new
// field needs no code here.
type extraFields struct{ fields []schema.Field }

func newExtraFields(c schema.Contract) extraFields {
	return extraFields{slices.DeleteFunc(slices.Clone(c.Fields), func(f schema.Field) bool { return slices.Contains(eventFields, f.Name) })}
}

// encode returns the fields as members of a JSON object, each after a comma.
func (x extraFields) encode(rng *rand.Rand, ts time.Time) []byte {
	var buf []byte
	for _, f := range x.fields {
		buf = append(append(append(buf, `,"`...), f.Name...), `":`...)
		buf = appendValue(buf, f, rng, ts)
	}
	return buf
}

// appendValue appends a valid value of the field's type.
func appendValue(buf []byte, f schema.Field, rng *rand.Rand, ts time.Time) []byte {
	switch f.Kind() {
	case "int", "bigint":
		return strconv.AppendInt(buf, rng.Int64N(1000), 10)
	case "boolean":
		return strconv.AppendBool(buf, rng.IntN(2) == 1)
	case "timestamp":
		return ts.UTC().AppendFormat(buf, `"2006-01-02T15:04:05.000Z"`)
	case "decimal":
		p := f.Params()
		buf = strconv.AppendInt(buf, int64(rng.IntN(min(10, p[0]-p[1]+1))), 10) // At most 9, and 0 if all digits are after the point.
		if p[1] > 0 {
			buf = append(append(buf, '.'), strings.Repeat("5", p[1])...)
		}
		return buf
	default:
		text := f.Name + "_" + strconv.Itoa(1+rng.IntN(10))
		return append(append(append(buf, '"'), text[max(0, len(text)-f.Params()[0]):]...), '"')
	}
}
