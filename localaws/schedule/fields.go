package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrTooOften means that Glue rejects a schedule because two of its times are less than five minutes apart.
var ErrTooOften = errors.New("more often than every five minutes")

const glueMinutes = 5

// Check returns ErrInvalid for an expression that EventBridge rejects.
func Check(expression string) error {
	_, err := Parse(expression)
	return err
}

// CheckGlue returns ErrInvalid or ErrTooOften for an expression that Glue rejects. Glue does not support rates.
// https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
func CheckGlue(expression string) error {
	if err := Check(expression); err != nil {
		return err
	}
	match := cronForm.FindStringSubmatch(expression)
	if match == nil {
		return fmt.Errorf("%w: %q is not cron(…)", ErrInvalid, expression)
	}
	cron := strings.Fields(match[1])
	minutes := minutesOf(cron[0])
	if _, err := strconv.Atoi(cron[1]); err != nil && len(minutes) > 1 {
		minutes = append(minutes, minutes[0]+60) // The next hour.
	}
	for i := 1; i < len(minutes); i++ {
		if minutes[i]-minutes[i-1] < glueMinutes {
			return fmt.Errorf("%w: %q", ErrTooOften, expression)
		}
	}
	return nil
}

// minutesOf returns the minutes in a valid field, sorted.
func minutesOf(field string) []int {
	var out []int
	for item := range strings.SplitSeq(field, ",") {
		span, step, stepped := strings.Cut(item, "/")
		every := 1
		if stepped {
			every, _ = strconv.Atoi(step)
		}
		from, to := 0, 59
		if span != "*" {
			low, high, ranged := strings.Cut(span, "-")
			from, _ = strconv.Atoi(low)
			switch {
			case ranged:
				to, _ = strconv.Atoi(high)
			case !stepped:
				to = from
			}
		}
		for minute := from; minute <= to; minute += max(every, 1) {
			out = append(out, minute)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// cronField describes the valid values of a field in a cron expression.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html#eb-cron-expressions
type cronField struct {
	name     string
	low      int
	high     int
	names    []string // Names of the values, from low on.
	question bool     // Whether ? is valid.
	last     bool     // Whether L, W and # are valid.
}

var cronFields = [6]cronField{
	{name: "minutes", low: 0, high: 59},
	{name: "hours", low: 0, high: 23},
	{name: "day of month", low: 1, high: 31, question: true, last: true},
	{name: "month", low: 1, high: 12, names: []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}},
	{name: "day of week", low: 1, high: 7, names: []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}, question: true, last: true},
	{name: "year", low: 1970, high: 2199},
}

func checkFields(fields []string) error {
	for i, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			if !cronFields[i].accepts(item) {
				return fmt.Errorf("%w: %s %q is not in %d to %d", ErrInvalid, cronFields[i].name, field, cronFields[i].low, cronFields[i].high)
			}
		}
	}
	return nil
}

func (f cronField) accepts(item string) bool {
	if item == "*" || (item == "?" && f.question) || (item == "L" && f.last) {
		return true
	}
	if f.last {
		item = strings.TrimSuffix(strings.TrimSuffix(item, "L"), "W")
		item, _, _ = strings.Cut(item, "#")
		if item == "" {
			return true
		}
	}
	span, step, stepped := strings.Cut(item, "/")
	if stepped {
		n, err := strconv.Atoi(step)
		if err != nil || n < 1 || n > f.high {
			return false
		}
	}
	if span == "*" {
		return stepped
	}
	low, high, ranged := strings.Cut(span, "-")
	return f.within(low) && (!ranged || f.within(high))
}

func (f cronField) within(text string) bool {
	if slices.Contains(f.names, strings.ToUpper(text)) {
		return true
	}
	n, err := strconv.Atoi(text)
	return err == nil && n >= f.low && n <= f.high
}
