package main

import (
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// result is what the tests of a package noticed.
type result struct {
	Package  string `json:"package"`
	Mutants  int    `json:"mutants"`
	Killed   int    `json:"killed"`
	Timeouts int    `json:"timeouts"`
	// Share is that of the mutants killed or timed out, in percent.
	Share   float64 `json:"share"`
	Seconds float64 `json:"seconds"`
	// Survivors are the others.
	Survivors []survivor `json:"survivors"`
}

// survivor is a mutant that no test notices.
type survivor struct {
	site
	Outcome outcome `json:"outcome"`
}

func newResult(name string, sites []site, outcomes []outcome, took time.Duration) result {
	r := result{Package: name, Mutants: len(sites), Seconds: took.Seconds(), Survivors: []survivor{}}
	for i, s := range sites {
		switch outcomes[i] {
		case killed:
			r.Killed++
		case timeout:
			r.Timeouts++
		default:
			r.Survivors = append(r.Survivors, survivor{s, outcomes[i]})
		}
	}
	if r.Mutants > 0 {
		r.Share = 100 * float64(r.Killed+r.Timeouts) / float64(r.Mutants)
	}
	return r
}

// table writes the survivors and a line for each package.
func table(out io.Writer, results []result) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, r := range results {
		for _, s := range r.Survivors {
			if _, err := fmt.Fprintf(w, "%s:%d\t%s\t%s\n", s.File, s.Line, s.Outcome, s.What); err != nil {
				return err
			}
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\nPACKAGE\tMUTANTS\tKILLED\tTIMEOUT\tSURVIVED\tSHARE\tTIME")
	for _, r := range results {
		_, failed := fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%.1f %%\t%.0f s\n",
			r.Package, r.Mutants, r.Killed, r.Timeouts, len(r.Survivors), r.Share, r.Seconds)
		err = errors.Join(err, failed)
	}
	return errors.Join(err, w.Flush())
}

// enough fails if the tests of a package notice too few mutants.
func enough(results []result, least float64) error {
	var problems []error
	for _, r := range results {
		if r.Share < least {
			problems = append(problems, fmt.Errorf("%s: %.1f %% of the mutants are killed, %.1f %% are required", r.Package, r.Share, least))
		}
	}
	return errors.Join(problems...)
}
