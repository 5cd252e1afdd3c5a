package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"text/tabwriter"
)

// result is the result of a package.
type result struct {
	Package string `json:"package"`
	// Total is the number of mutants of the package. Mutants is the number of checked ones.
	Total    int `json:"total"`
	Mutants  int `json:"mutants"`
	Killed   int `json:"killed"`
	Timeouts int `json:"timeouts"`
	// Share is the percentage of killed or timed out mutants among those that are not justified.
	Share   float64 `json:"share"`
	Seconds float64 `json:"seconds"`
	// Survivors are mutants that no test kills.
	Survivors []survivor `json:"survivors"`
	// Justified are survivors that tests cannot or need not kill.
	Justified []survivor `json:"justified"`
	// unused are reasons that justify no mutant.
	unused []reason
}

// survivor is a mutant that no test kills.
type survivor struct {
	site
	Outcome outcome `json:"outcome"`
	// Reason is why a justified mutant may survive.
	Reason string `json:"reason,omitempty"`
}

func newResult(name string, sites []site, outcomes []outcome, reasons []reason) result {
	r := result{Package: name, Mutants: len(sites), Survivors: []survivor{}, Justified: []survivor{}}
	used := map[reason]bool{}
	for i, s := range sites {
		switch outcomes[i] {
		case killed:
			r.Killed++
		case timeout:
			r.Timeouts++
		default:
			j := slices.IndexFunc(reasons, func(r reason) bool { return r.justifies(s) })
			if j < 0 {
				r.Survivors = append(r.Survivors, survivor{site: s, Outcome: outcomes[i]})
				continue
			}
			used[reasons[j]] = true
			r.Justified = append(r.Justified, survivor{s, outcomes[i], reasons[j].why})
		}
	}
	if checked := r.Mutants - len(r.Justified); checked > 0 {
		r.Share = 100 * float64(r.Killed+r.Timeouts) / float64(checked)
	}
	r.unused = slices.DeleteFunc(slices.Clone(reasons), func(r reason) bool { return used[r] })
	return r
}

// list writes the survivors.
func (r result) list(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, s := range r.Survivors {
		if _, err := fmt.Fprintf(w, "%s:%d\t%s\t%s\n", s.File, s.Line, s.Outcome, s.What); err != nil {
			return err
		}
	}
	return w.Flush()
}

// table writes a line for each package.
func table(out io.Writer, results ...result) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, err := fmt.Fprintln(w, "\nPACKAGE\tMUTANTS\tKILLED\tTIMEOUT\tSURVIVED\tJUSTIFIED\tSHARE\tTIME")
	for _, r := range results {
		mutants := strconv.Itoa(r.Mutants)
		if r.Mutants < r.Total {
			mutants += fmt.Sprintf(" of %d", r.Total)
		}
		_, failed := fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%d\t%.1f %%\t%.0f s\n",
			r.Package, mutants, r.Killed, r.Timeouts, len(r.Survivors), len(r.Justified), r.Share, r.Seconds)
		err = errors.Join(err, failed)
	}
	return errors.Join(err, w.Flush())
}

// enough fails if the tests of a package kill too few mutants, or if a reason in justified.go is unused.
func enough(results []result, least float64) error {
	var problems []error
	for _, r := range results {
		if r.Share < least {
			problems = append(problems, fmt.Errorf("%s: %.1f %% of the mutants are killed, %.1f %% are required", r.Package, r.Share, least))
		}
		for _, u := range r.unused {
			problems = append(problems, fmt.Errorf("%s: the reason %q justifies no surviving mutant: remove it", r.Package, u.why))
		}
	}
	return errors.Join(problems...)
}
