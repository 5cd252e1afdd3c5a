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
	decimalForm = regexp.MustCompile(`^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$`)
	stampForm   = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?:(:[0-9]{2})(?:[.,][0-9]+)?)?(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?$`)
	basicForm   = regexp.MustCompile(`^([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})(?:([0-9]{2})([.,][0-9]+)?)?(Z|[+-][0-9]{2,4})?$`)
)

// fitsInteger reports whether s is a whole number of so many bits, in any form
// of JSON's: 3, 3.0 and 30e-1 are the same.
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

// fitsDecimal reports whether a number has at most precision digits, scale of
// them after the point, once it is rounded half away from zero.
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

// isTimestamp reports whether s is a time of the years 1000 to 9999 in UTC, the
// range of MySQL's datetime.
func isTimestamp(s string) bool {
	_, ok := parseTimestamp(s)
	return ok
}

// Day returns the day, yyyy-mm-dd, of a time in one of the forms that the
// contract takes, in UTC; "" if it is not one.
func Day(timestamp string) string {
	t, ok := parseTimestamp(timestamp)
	if !ok {
		return ""
	}
	return t.Format(time.DateOnly)
}

// parseTimestamp takes ISO 8601 with hours and minutes at least, in its extended
// or basic format. Without a zone it is UTC.
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

// zoneOffset is the offset of a zone's parts, all empty for UTC.
func zoneOffset(sign, hours, minutes string) (time.Duration, bool) {
	h, _ := strconv.Atoi(hours) // Two digits or none each: the form is checked.
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
