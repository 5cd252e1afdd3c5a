package schema

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// accepts tells whether a JSON value that is not null converts to the field's
// type.
func (f Field) accepts(raw json.RawMessage) bool {
	if raw[0] == '{' || raw[0] == '[' {
		return false
	}
	switch f.Kind() {
	case "string":
		return fitsString(raw, f.Params()[0])
	case "int":
		return fitsInteger(scalar(raw), 32)
	case "bigint":
		return fitsInteger(scalar(raw), 64)
	case "decimal":
		p := f.Params()
		return fitsDecimal(scalar(raw), p[0], p[1])
	case "boolean":
		s := scalar(raw)
		return s == "true" || s == "false"
	case "timestamp":
		s, ok := text(raw)
		return ok && isTimestamp(s)
	default:
		return false
	}
}

// scalar is a string's value, or the JSON text of a number or boolean.
func scalar(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return s
	}
	return string(raw)
}

// fitsString counts characters (code points); a number or boolean counts as
// its JSON text.
func fitsString(raw json.RawMessage, most int) bool {
	if len(raw) <= most { // No character takes less than a byte of JSON.
		return true
	}
	return utf8.RuneCountInString(scalar(raw)) <= most
}

var (
	integerForm = regexp.MustCompile(`^-?[0-9]+$`)
	decimalForm = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$`)
	stampForm   = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}:[0-9]{2})(\.[0-9]+)?(Z|([+-])([0-9]{2}):?([0-9]{2}))?$`)
)

func fitsInteger(s string, bits int) bool {
	if !integerForm.MatchString(s) {
		return false
	}
	_, err := strconv.ParseInt(s, 10, bits)
	return err == nil
}

// fitsDecimal tells whether a number has at most precision digits, scale of
// them after the point, once it is rounded half up.
func fitsDecimal(s string, precision, scale int) bool {
	if !decimalForm.MatchString(s) {
		return false
	}
	integer, _, _ := strings.Cut(s, ".")
	if !strings.ContainsAny(s, "eE") && len(integer) < precision-scale {
		return true // A digit short at least: no rounding makes it too long.
	}
	n, ok := new(big.Rat).SetString(s)
	if !ok {
		return false
	}
	// Half a unit of the last place below the first number that is too large.
	unit := new(big.Rat).SetFrac(big.NewInt(1), power(scale))
	limit := new(big.Rat).SetInt(power(precision - scale))
	limit.Sub(limit, unit.Quo(unit, big.NewRat(2, 1)))
	return n.Abs(n).Cmp(limit) < 0
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// maxOffset is the largest zone offset that Java, and with it Spark, knows.
const maxOffset = 18 * time.Hour

// isTimestamp tells whether s is a time of the years 1000 to 9999 in UTC, the
// range of MySQL's datetime.
func isTimestamp(s string) bool {
	m := stampForm.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	t, err := time.Parse(time.DateTime, m[1]+" "+m[2])
	if err != nil {
		return false
	}
	offset, ok := zoneOffset(m[5], m[6], m[7])
	year := t.Add(-offset).Year()
	return ok && 1000 <= year && year <= 9999
}

// zoneOffset is the offset of a zone's parts, all empty for UTC.
func zoneOffset(sign, hours, minutes string) (time.Duration, bool) {
	if sign == "" {
		return 0, true
	}
	h, _ := strconv.Atoi(hours) // Two digits each: the form is checked.
	m, _ := strconv.Atoi(minutes)
	offset := time.Duration(h)*time.Hour + time.Duration(m)*time.Minute
	if m > 59 || offset > maxOffset {
		return 0, false
	}
	if strings.HasPrefix(sign, "-") {
		offset = -offset
	}
	return offset, true
}
