package schema

import (
	"cmp"
	"encoding/json"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// accepts reports whether a JSON value that is not null converts to the field's
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

// scalar returns a string's value, or the JSON text of a number or boolean.
func scalar(raw json.RawMessage) string {
	if s, ok := text(raw); ok {
		return s
	}
	return string(raw)
}

// fitsString reports whether a value has at most limit characters (code points).
// Numbers and booleans count as their JSON text.
func fitsString(raw json.RawMessage, limit int) bool {
	if len(raw) <= limit { // Each character has at least one byte of JSON.
		return true
	}
	return utf8.RuneCountInString(scalar(raw)) <= limit
}

var (
	decimalForm = regexp.MustCompile(`^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$`)
	stampForm   = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?:(:[0-9]{2})(?:[.,][0-9]+)?)?(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?$`)
	basicForm   = regexp.MustCompile(`^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})(?:([0-9]{2})([.,][0-9]+)?)?(Z|[+-][0-9]{2,4})?$`)
)

// fitsInteger reports whether s is an integer of at most so many bits, which may be
// written as 3, 3.0 or 30e-1.
func fitsInteger(s string, bits int) bool {
	m := decimalForm.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	fraction := m[3]
	digits := strings.TrimLeft(m[2]+fraction, "0")
	significant := strings.TrimRight(digits, "0")
	if significant == "" {
		return true
	}
	exponent, _ := strconv.Atoi(m[4]) // At most three digits: the form is checked.
	zeros := len(digits) - len(significant) + exponent - len(fraction)
	if zeros < 0 || len(significant)+zeros > 19 {
		return false
	}
	_, err := strconv.ParseInt(m[1]+significant+strings.Repeat("0", zeros), 10, bits)
	return err == nil
}

// fitsDecimal reports whether a number has at most precision digits after it is
// rounded to scale digits after the point, half away from zero.
func fitsDecimal(s string, precision, scale int) bool {
	if !decimalForm.MatchString(s) {
		return false
	}
	integer, _, _ := strings.Cut(s, ".")
	if !strings.ContainsAny(s, "eE") && len(integer) < precision-scale {
		return true // Rounding adds at most one digit.
	}
	n, ok := new(big.Rat).SetString(s)
	if !ok {
		return false
	}
	// The smallest number that is too large, minus half a unit in the last place.
	unit := new(big.Rat).SetFrac(big.NewInt(1), power(scale))
	limit := new(big.Rat).SetInt(power(precision - scale))
	limit.Sub(limit, unit.Quo(unit, big.NewRat(2, 1)))
	return n.Abs(n).Cmp(limit) < 0
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// maxOffset is the limit of zone offsets in Java and Spark.
const maxOffset = 18 * time.Hour

// isTimestamp reports whether s is a time in the years 1000 to 9999 in UTC, the range
// of MySQL's datetime.
func isTimestamp(s string) bool {
	_, ok := parseTimestamp(s)
	return ok
}

// Day returns the day in UTC, yyyy-mm-dd, of a time in one of the contract's formats,
// or "" if it is invalid.
func Day(timestamp string) string {
	t, ok := parseTimestamp(timestamp)
	if !ok {
		return ""
	}
	return t.Format(time.DateOnly)
}

// parseTimestamp parses an ISO 8601 time, extended or basic. Seconds are optional, and
// a time without a zone is UTC.
func parseTimestamp(s string) (time.Time, bool) {
	if m := basicForm.FindStringSubmatch(s); m != nil {
		s = m[1] + "-" + m[2] + "-" + m[3] + "T" + m[4] + ":" + m[5]
		if m[6] != "" {
			s += ":" + m[6] + m[7]
		}
		s += m[8]
	}
	m := stampForm.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	t, err := time.Parse(time.DateTime, m[1]+" "+m[2]+cmp.Or(m[3], ":00"))
	if err != nil {
		return time.Time{}, false
	}
	offset, ok := zoneOffset(m[4], m[5], m[6])
	t = t.Add(-offset)
	return t, ok && 1000 <= t.Year() && t.Year() <= 9999
}

// zoneOffset returns a zone's offset, given by its parts, which are all empty for UTC.
func zoneOffset(sign, hours, minutes string) (time.Duration, bool) {
	h, _ := strconv.Atoi(hours) // Two digits or empty: the form is checked.
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
