// Package schedule parses AWS's schedule expressions, cron(…) and rate(…):
// https://docs.aws.amazon.com/glue/latest/dg/monitor-data-warehouse-schedule.html
package schedule

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

// Schedule is a parsed cron or rate expression.
type Schedule struct {
	cron  string // In gronx's format, with seconds and year.
	every time.Duration
}

var (
	cronForm = regexp.MustCompile(`^cron\((.*)\)$`)
	rateForm = regexp.MustCompile(`^rate\((\d+) (minute|minutes|hour|hours|day|days)\)$`)
)

// ErrInvalid means that AWS rejects the expression.
var ErrInvalid = errors.New("not a schedule expression")

// Parse parses an expression like cron(15 12 * * ? *) or rate(5 minutes).
func Parse(expression string) (Schedule, error) {
	if match := cronForm.FindStringSubmatch(expression); match != nil {
		return parseCron(match[1])
	}
	if match := rateForm.FindStringSubmatch(expression); match != nil {
		return parseRate(match[1], match[2])
	}
	return Schedule{}, fmt.Errorf("%w: %q is neither cron(…) nor rate(…)", ErrInvalid, expression)
}

func parseRate(number, unit string) (Schedule, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || (n == 1) == strings.HasSuffix(unit, "s") {
		return Schedule{}, fmt.Errorf("%w: rate(%s %s)", ErrInvalid, number, unit)
	}
	units := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}
	return Schedule{every: time.Duration(n) * units[strings.TrimSuffix(unit, "s")]}, nil
}

// parseCron translates AWS's six fields (minutes, hours, day of month, month, day of week, year) for gronx, which
// expects seconds as the first field and counts the days of the week from 0.
func parseCron(text string) (Schedule, error) {
	fields := strings.Fields(text)
	if len(fields) != 6 {
		return Schedule{}, fmt.Errorf("%w: cron(%s) has %d fields, not 6", ErrInvalid, text, len(fields))
	}
	if (fields[2] == "?") == (fields[4] == "?") {
		return Schedule{}, fmt.Errorf("%w: in cron(%s), one of day of month and day of week must be ?", ErrInvalid, text)
	}
	if err := checkFields(fields); err != nil {
		return Schedule{}, err
	}
	weekdays, err := translateWeekdays(fields[4])
	if err != nil {
		return Schedule{}, err
	}
	fields[4] = weekdays
	cron := "0 " + strings.ReplaceAll(strings.Join(fields, " "), "?", "*")
	if !gronx.IsValid(cron) {
		return Schedule{}, fmt.Errorf("%w: cron(%s)", ErrInvalid, text)
	}
	return Schedule{cron: cron}, nil
}

var weekday = regexp.MustCompile(`^([1-7])(?:-([1-7]))?([L#/].*)?$`)

// translateWeekdays maps 1 to 7, from Sunday to Saturday, to 0 to 6, and keeps names.
func translateWeekdays(field string) (string, error) {
	items := strings.Split(field, ",")
	for i, item := range items {
		if item == "L" {
			items[i] = "6" // the last day of a week
			continue
		}
		if item[:min(1, len(item))] > "9" || item == "*" || item == "?" || strings.HasPrefix(item, "*/") {
			continue
		}
		match := weekday.FindStringSubmatch(item)
		if match == nil {
			return "", fmt.Errorf("%w: day of week %q is not in 1-7 or SUN-SAT", ErrInvalid, item)
		}
		items[i] = decrement(match[1])
		if match[2] != "" {
			items[i] += "-" + decrement(match[2])
		}
		items[i] += match[3]
	}
	return strings.Join(items, ","), nil
}

func decrement(digit string) string { return string(digit[0] - 1) }

// Next returns the first time after a given time at which the schedule fires, in UTC, or false if it does not fire
// again. A rate counts from since.
func (s Schedule) Next(since, after time.Time) (time.Time, bool) {
	if s.every > 0 {
		if after.Before(since) {
			return since.Add(s.every), true
		}
		periods := after.Sub(since)/s.every + 1
		return since.Add(periods * s.every), true
	}
	next, err := gronx.NextTickAfter(s.cron, after.UTC(), false)
	return next, err == nil
}
