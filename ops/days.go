package ops

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Days is a range of days, yyyy-mm-dd, with its first and last one. Empty ones
// mean no limits.
type Days struct {
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
}

// Check refuses what is no day, and a range that ends before it begins.
func (d Days) Check() error {
	if err := cmp.Or(checkDay("from", d.From), checkDay("to", d.To)); err != nil {
		return err
	}
	if d.To != "" && d.From > d.To {
		return fmt.Errorf("--from %s is after --to %s", d.From, d.To)
	}
	return nil
}

// checkDay refuses what is neither empty nor a day.
func checkDay(flag, day string) error {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return fmt.Errorf("--%s %q: must be a day, as 2026-05-31", flag, day)
	}
	return nil
}

// CheckClosed refuses also a range without a first or a last day.
func (d Days) CheckClosed() error {
	if d.From == "" || d.To == "" {
		return errors.New("--from and --to: give both, the first and the last day")
	}
	return d.Check()
}

// has reports whether an object is in the range. One without a day in its name is
// of none that is limited.
func (d Days) has(object string) bool {
	if d.From == "" && d.To == "" {
		return true
	}
	day := dayOf(object)
	return day != "" && d.From <= day && (d.To == "" || day <= d.To)
}

// dayOf is the day in an object's name, after the last /dt=; "" if there is
// none.
func dayOf(object string) string {
	day, _, _ := strings.Cut(object[strings.LastIndex(object, "/dt=")+1:], "/")
	day, found := strings.CutPrefix(day, "dt=")
	if _, err := time.Parse(time.DateOnly, day); !found || err != nil {
		return ""
	}
	return day
}
