package config

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// cronField is one of the six fields of a schedule. Glue documents ranges and
// wildcards: https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
type cronField struct {
	name      string
	low, high int
	// names are aliases of the numbers, beginning with low.
	names []string
	// special matches the other forms of an item, such as L and 15W.
	special *regexp.Regexp
}

var (
	cronBody   = regexp.MustCompile(`^cron\((.+)\)$`)
	cronItem   = regexp.MustCompile(`^(\*|[0-9A-Z]+)(?:-([0-9A-Z]+))?(?:/([0-9]+))?$`)
	cronFields = []cronField{
		{name: "minutes", low: 0, high: 59},
		{name: "hours", low: 0, high: 23},
		{name: "day-of-month", low: 1, high: 31, special: regexp.MustCompile(`^(\?|L|([1-9]|[12][0-9]|3[01])W)$`)},
		{name: "month", low: 1, high: 12, names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
		{name: "day-of-week", low: 1, high: 7, names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, special: regexp.MustCompile(`^(\?|[1-7]?L)$`)},
		{name: "year", low: 1970, high: 2199},
	}
)

// leastMinutes is the minimum between two starts: Glue rejects a faster schedule.
const leastMinutes = 5

// cronProblem returns what is allowed if Glue would reject the schedule, and "" otherwise.
// Glue supports cron expressions only, not rate expressions.
func cronProblem(text string) string {
	const allowed = "cron(minutes hours day-of-month month day-of-week year) such as cron(0 * * * ? *)"
	body := cronBody.FindStringSubmatch(text)
	if body == nil {
		return allowed
	}
	fields := strings.Fields(body[1])
	if len(fields) != len(cronFields) {
		return allowed
	}
	values := make([][]int, len(fields))
	for i, f := range cronFields {
		var ok bool
		if values[i], ok = f.values(fields[i]); !ok {
			return fmt.Sprintf("%s, with %s from %d to %d", allowed, f.name, f.low, f.high)
		}
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return allowed + ", with ? as exactly one of the two days"
	}
	if shortest(values[0], values[1]) < leastMinutes {
		return fmt.Sprintf("%s, with at least %d minutes between two starts", allowed, leastMinutes)
	}
	return ""
}

// values returns the numbers that a field matches, sorted; none for special
// forms. It returns false if the field is invalid.
func (f cronField) values(text string) ([]int, bool) {
	var all []int
	for _, item := range strings.Split(text, ",") {
		if f.special != nil && f.special.MatchString(item) {
			if item == "?" && item != text {
				return nil, false
			}
			continue
		}
		numbers, ok := f.item(item)
		if !ok {
			return nil, false
		}
		all = append(all, numbers...)
	}
	slices.Sort(all)
	return slices.Compact(all), true
}

// item parses *, n, n-m, and each of them with /step; n/step begins at n.
func (f cronField) item(text string) ([]int, bool) {
	m := cronItem.FindStringSubmatch(text)
	if m == nil || m[1] == "*" && m[2] != "" {
		return nil, false
	}
	from, to, step := f.low, f.high, 1
	var ok bool
	if m[1] != "*" {
		if from, ok = f.number(m[1]); !ok {
			return nil, false
		}
		if m[3] == "" {
			to = from
		}
	}
	if m[2] != "" {
		if to, ok = f.number(m[2]); !ok || to < from {
			return nil, false
		}
	}
	if m[3] != "" {
		var err error
		if step, err = strconv.Atoi(m[3]); err != nil || step < 1 || step > f.high {
			return nil, false
		}
	}
	var out []int
	for n := from; n <= to; n += step {
		out = append(out, n)
	}
	return out, true
}

func (f cronField) number(text string) (int, bool) {
	if i := slices.Index(f.names, text); i >= 0 {
		return f.low + i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.low && n <= f.high
}

// shortest returns the minimum number of minutes between two starts, within an hour or across hours.
func shortest(minutes, hours []int) int {
	least := 60
	for i := 1; i < len(minutes); i++ {
		least = min(least, minutes[i]-minutes[i-1])
	}
	for _, h := range hours {
		if slices.Contains(hours, (h+1)%24) {
			least = min(least, 60+minutes[0]-minutes[len(minutes)-1])
		}
	}
	return least
}
