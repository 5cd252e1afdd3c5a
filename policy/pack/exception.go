package pack

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"store-events/policy/rule"
)

// exception allows one resource to violate one rule until a given day. It is an element of policy:exceptions in
// the stack's configuration.
type exception struct {
	Rule string `json:"rule"`
	// Resource is the name of the resource, in the syntax of path.Match.
	Resource string `json:"resource"`
	Reason   string `json:"reason"`
	// Owner decides whether the exception is still needed.
	Owner string `json:"owner"`
	// Expires is the last day of the exception, such as 2027-01-31.
	Expires string `json:"expires"`

	until time.Time
	used  atomic.Bool
}

// LongestException is the maximum time until an exception expires, so that each is reviewed twice a year.
const LongestException = 180 * 24 * time.Hour

// fewestLiterals is the minimum number of letters and digits in a pattern, so that it does not match all resources.
const fewestLiterals = 3

// check reports every error in an exception.
func (e *exception) check(all []rule.Rule, now time.Time) error {
	var problems []error
	i := slices.IndexFunc(all, func(r rule.Rule) bool { return r.ID == e.Rule })
	switch {
	case i < 0:
		problems = append(problems, errors.New("no such rule"))
	case all[i].NoExceptions:
		problems = append(problems, errors.New("the rule allows no exceptions"))
	}
	if _, err := path.Match(e.Resource, ""); e.Resource == "" || err != nil {
		problems = append(problems, errors.New("resource must be a name or a pattern"))
	}
	if e.Resource != "" && strings.ContainsAny(e.Resource, "*?[") && literals(e.Resource) < fewestLiterals {
		problems = append(problems, errors.New("resource must not match every resource"))
	}
	if strings.TrimSpace(e.Reason) == "" {
		problems = append(problems, errors.New("reason is missing"))
	}
	if strings.TrimSpace(e.Owner) == "" {
		problems = append(problems, errors.New("owner is missing"))
	}
	day, err := time.Parse(time.DateOnly, e.Expires)
	if err != nil {
		problems = append(problems, errors.New("expires must be a date such as 2027-01-31"))
	}
	e.until = day.AddDate(0, 0, 1)
	if err == nil && day.Sub(now) > LongestException {
		problems = append(problems, errors.New("expires must be within 180 days"))
	}
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("policy:exceptions: rule %q for %q: %w", e.Rule, e.Resource, err)
	}
	return nil
}

// literals counts the literal letters and digits in a pattern.
func literals(pattern string) int {
	n, inClass := 0, false
	for _, c := range pattern {
		switch {
		case c == '[':
			inClass = true
		case c == ']':
			inClass = false
		case !inClass && (unicode.IsLetter(c) || unicode.IsDigit(c)):
			n++
		}
	}
	return n
}

func (e *exception) covers(r rule.Rule, name string) bool {
	matches, err := path.Match(e.Resource, name)
	return e.Rule == r.ID && matches && err == nil
}

func (e *exception) expired(now time.Time) bool { return !now.Before(e.until) }

// except converts a violation that an exception covers to a note, and marks the exception as used.
func (p *Pack) except(r rule.Rule, f rule.Finding) rule.Finding {
	if f.Kind != rule.Violation {
		return f
	}
	for _, e := range p.exceptions {
		if !e.covers(r, nameIn(f.URN)) {
			continue
		}
		e.used.Store(true)
		if e.expired(p.now()) {
			f.Message += "; the exception ended on " + e.Expires
			return f
		}
		f.Kind = rule.Note
		f.Message += "; excepted until " + e.Expires + " by " + e.Owner + ": " + e.Reason
		return f
	}
	return f
}

// unused reports exceptions that were not needed, after all checks have run.
func (p *Pack) unused() []Report {
	note := companions[rule.Note]
	var reports []Report
	for _, e := range p.exceptions {
		if !e.used.Load() && p.levels[note.name] != rule.Off {
			reports = append(reports, Report{
				Kind: rule.Note, Policy: note.name, Title: note.title, Level: p.levels[note.name], Severity: rule.Low,
				Message: fmt.Sprintf("%s\nthe exception of rule %s for %s is not used: remove it from policy:exceptions", note.title, e.Rule, e.Resource),
			})
		}
	}
	return reports
}
