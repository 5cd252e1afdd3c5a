package policy

import (
	"encoding/base64"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// comparison compares a value of the request with a value of the policy.
type comparison func(s *Statement, actual, wanted string, c Context) bool

// operator is a parsed condition operator:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
type operator struct {
	compare  comparison
	negated  bool
	null     bool
	ifExists bool
	forAll   bool
	forAny   bool
}

// comparisons maps the lower-case names of non-negated operators to their functions.
var comparisons = map[string]comparison{
	"stringequals":           stringEquals,
	"stringequalsignorecase": stringEqualsFold,
	"stringlike":             stringLike,
	"numericequals":          numeric(func(a, b float64) bool { return a == b }),
	"numericlessthan":        numeric(func(a, b float64) bool { return a < b }),
	"numericlessthanequals":  numeric(func(a, b float64) bool { return a <= b }),
	"numericgreaterthan":     numeric(func(a, b float64) bool { return a > b }),
	"numericgreaterthanequals": numeric(func(a, b float64) bool {
		return a >= b
	}),
	"dateequals":            date(func(order int) bool { return order == 0 }),
	"datelessthan":          date(func(order int) bool { return order < 0 }),
	"datelessthanequals":    date(func(order int) bool { return order <= 0 }),
	"dategreaterthan":       date(func(order int) bool { return order > 0 }),
	"dategreaterthanequals": date(func(order int) bool { return order >= 0 }),
	"bool":                  boolEquals,
	"binaryequals":          binaryEquals,
	"ipaddress":             ipAddress,
	"arnequals":             arnLike, // AWS: "ArnEquals and ArnLike behave identically"
	"arnlike":               arnLike,
}

// negations maps negated operators to the operators that they negate.
var negations = map[string]string{
	"stringnotequals":           "stringequals",
	"stringnotequalsignorecase": "stringequalsignorecase",
	"stringnotlike":             "stringlike",
	"numericnotequals":          "numericequals",
	"datenotequals":             "dateequals",
	"notipaddress":              "ipaddress",
	"arnnotequals":              "arnequals",
	"arnnotlike":                "arnlike",
}

func parseOperator(name string) (operator, bool) {
	var o operator
	name = strings.ToLower(name)
	name, o.forAll = strings.CutPrefix(name, "forallvalues:")
	if !o.forAll {
		name, o.forAny = strings.CutPrefix(name, "foranyvalue:")
	}
	if name == "null" {
		o.null = true
		return o, true
	}
	name, o.ifExists = strings.CutSuffix(name, "ifexists")
	if positive, ok := negations[name]; ok {
		name, o.negated = positive, true
	}
	o.compare = comparisons[name]
	return o, o.compare != nil
}

func stringEquals(s *Statement, actual, wanted string, c Context) bool {
	pattern, ok := s.expand(wanted, false, c)
	return ok && matches(pattern, actual)
}

func stringEqualsFold(s *Statement, actual, wanted string, c Context) bool {
	pattern, ok := s.expand(wanted, false, c)
	return ok && matchesFold(pattern, actual)
}

func stringLike(s *Statement, actual, wanted string, c Context) bool {
	pattern, ok := s.expand(wanted, true, c)
	return ok && matches(pattern, actual)
}

// arnLike compares each of the six parts of an ARN separately.
func arnLike(s *Statement, actual, wanted string, c Context) bool {
	a, w := splitARN(actual), splitARN(wanted)
	if len(a) != 6 || len(w) != 6 {
		return false
	}
	return s.arnPartsMatch(w, a, c)
}

func numeric(holds func(a, b float64) bool) comparison {
	return func(_ *Statement, actual, wanted string, _ Context) bool {
		a, errA := strconv.ParseFloat(actual, 64)
		w, errW := strconv.ParseFloat(wanted, 64)
		return errA == nil && errW == nil && holds(a, w)
	}
}

func date(holds func(order int) bool) comparison {
	return func(_ *Statement, actual, wanted string, _ Context) bool {
		a, okA := parseDate(actual)
		w, okW := parseDate(wanted)
		return okA && okW && holds(a.Compare(w))
	}
}

// parseDate parses the W3C's profile of ISO 8601, and epoch seconds.
func parseDate(text string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(text, 10, 64); err == nil && len(text) > 4 {
		return time.Unix(seconds, 0), true
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func boolEquals(_ *Statement, actual, wanted string, _ Context) bool {
	wanted = strings.ToLower(wanted)
	return (wanted == "true" || wanted == "false") && strings.ToLower(actual) == wanted
}

func binaryEquals(_ *Statement, actual, wanted string, _ Context) bool {
	a, errA := base64.StdEncoding.DecodeString(actual)
	w, errW := base64.StdEncoding.DecodeString(wanted)
	return errA == nil && errW == nil && string(a) == string(w)
}

func ipAddress(_ *Statement, actual, wanted string, _ Context) bool {
	addr, err := netip.ParseAddr(actual)
	if err != nil {
		return false
	}
	if prefix, err := netip.ParsePrefix(wanted); err == nil {
		return prefix.Contains(addr.Unmap())
	}
	one, err := netip.ParseAddr(wanted)
	return err == nil && one == addr.Unmap()
}
