package ops

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Days is a range of days, yyyy-mm-dd, both included. An empty day means that there is no limit.
type Days struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Check refuses an invalid day, and a range that ends before it begins.
func (d Days) Check() error {
	if err := cmp.Or(checkDay("from", d.From), checkDay("to", d.To)); err != nil {
		return err
	}
	if d.To != "" && d.From > d.To {
		return fmt.Errorf("--from %s is after --to %s", d.From, d.To)
	}
	return nil
}

// CheckClosed is like Check, but also refuses a range without a first or a last day.
func (d Days) CheckClosed() error {
	if d.From == "" || d.To == "" {
		return errors.New("--from and --to: set both, the first and the last day")
	}
	return d.Check()
}

// checkDay accepts a day or "".
func checkDay(flag, day string) error {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return fmt.Errorf("--%s %q: must be a day, such as 2026-05-31", flag, day)
	}
	return nil
}

// all reports whether the range has no limits.
func (d Days) all() bool { return d == Days{} }

// include reports whether the range contains an object's day. Objects without a day
// in their key are only in the range without limits.
func (d Days) include(key string) bool {
	if d.all() {
		return true
	}
	day := dayOf(key)
	return day != "" && d.From <= day && (d.To == "" || day <= d.To)
}

// dayOf returns the day in a key, after the last /dt=, "" if there is none.
func dayOf(key string) string {
	day, _, _ := strings.Cut(key[strings.LastIndex(key, "/dt=")+1:], "/")
	day, found := strings.CutPrefix(day, "dt=")
	if _, err := time.Parse(time.DateOnly, day); !found || err != nil {
		return ""
	}
	return day
}

// seconds returns the seconds since start, with milliseconds.
func seconds(start time.Time) float64 {
	return time.Since(start).Round(time.Millisecond).Seconds()
}
