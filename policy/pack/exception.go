package pack

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"sync/atomic"
	"time"

	"store-events/policy/rule"
)

// exception lets one resource break one rule until a day. It is given in the stack's configuration, in policy:exceptions.
type exception struct {
	Rule string `json:"rule"`
	// Resource is the name of the resource, in the syntax of path.Match.
	Resource string `json:"resource"`
	Reason   string `json:"reason"`
	// Expires is the last day on which the exception holds, as 2027-01-31.
	Expires string `json:"expires"`

	until time.Time
	used  atomic.Bool
}

// check reports everything that is wrong with an exception.
func (e *exception) check(all []rule.Rule) error {
	var problems []error
	i := slices.IndexFunc(all, func(r rule.Rule) bool { return r.ID == e.Rule })
	switch {
	case i < 0:
		problems = append(problems, errors.New("no such rule"))
	case all[i].NoExceptions:
		problems = append(problems, errors.New("the rule takes no exceptions"))
	}
	if _, err := path.Match(e.Resource, ""); e.Resource == "" || err != nil {
		problems = append(problems, errors.New("resource must be a name or a pattern"))
	}
	if e.Reason == "" {
		problems = append(problems, errors.New("reason is missing"))
	}
	day, err := time.Parse(time.DateOnly, e.Expires)
	if err != nil {
		problems = append(problems, errors.New("expires must be a date as 2027-01-31"))
	}
	e.until = day.AddDate(0, 0, 1)
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("policy:exceptions: rule %q for %q: %w", e.Rule, e.Resource, err)
	}
	return nil
}

func (e *exception) covers(r rule.Rule, name string) bool {
	matches, err := path.Match(e.Resource, name)
	return e.Rule == r.ID && matches && err == nil
}

// excepted gives the exception for a finding, if there is one, and marks it as used.
func (p *pack) excepted(r rule.Rule, f rule.Finding) *exception {
	for _, e := range p.exceptions {
		if e.covers(r, nameIn(f.URN)) {
			e.used.Store(true)
			return e
		}
	}
	return nil
}

func (e *exception) expired(now time.Time) bool { return !now.Before(e.until) }
