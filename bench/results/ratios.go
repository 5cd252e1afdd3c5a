package results

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// Ratio is the ratio of two figures of one run, which can be compared between
// machines. Higher is better.
type Ratio struct {
	Name  string
	Value float64
}

// Ratios returns all ratios that the results contain.
func (r *Results) Ratios() []Ratio {
	var out []Ratio
	add := func(name string, value, over float64) {
		if value > 0 && over > 0 {
			out = append(out, Ratio{name, value / over})
		}
	}
	job, _ := r.way(Job)
	for _, other := range []string{TwoStep, Rewrite, Append, AWSWrangler, DLT} {
		way, _ := r.way(other)
		add("rate of the job over "+other, job.Rate, way.Rate)
	}
	step, _ := r.way(TwoStep)
	add("processor time of two-step's Spark over the job's workers", step.Processor["spark"], job.Processor["workers"])
	add("processor time of two-step's database over the job's", step.Processor["database"], job.Processor["database"])
	for _, curve := range []string{ByRows, ByObject} {
		if found := r.points(curve, Job); len(found) > 1 {
			first, last := found[0], found[len(found)-1]
			add(fmt.Sprintf("%s: rate at %.0f over %.0f", curve, last.X, first.X), last.Rate, first.Rate)
		}
	}
	for _, curve := range []string{ByObjects, ByObjectsS3} {
		add(curve+": rate of the job over Spark's plain reading", r.last(curve, Job).Rate, r.last(curve, Plain).Rate)
	}
	for _, p := range r.points(ByDelay, Job) {
		add(fmt.Sprintf("%.0f ms to the database: rate over that at 0 ms", p.X), p.Rate, r.at(ByDelay, Job, 0))
	}
	if grown := r.growth(Present); len(grown) > 1 {
		last := grown[len(grown)-1]
		add(fmt.Sprintf("table with %.0f rows: rate over the empty table's", last.X), last.Rate, grown[0].Rate)
	}
	return out
}

// Slower is a ratio that has become worse.
type Slower struct {
	Name        string
	Before, Now float64
}

// Compare returns the ratios that are worse than before by more than the share
// `tolerance`, and the number of ratios that it compared: those in both results.
func Compare(before, now []Ratio, tolerance float64) (worse []Slower, compared int) {
	for _, was := range before {
		i := slices.IndexFunc(now, func(r Ratio) bool { return r.Name == was.Name })
		if i < 0 {
			continue
		}
		compared++
		if now[i].Value < was.Value*(1-tolerance) {
			worse = append(worse, Slower{was.Name, was.Value, now[i].Value})
		}
	}
	return worse, compared
}

// Report writes what became slower. It fails if anything did, or if nothing was compared.
func Report(w io.Writer, worse []Slower, compared int, tolerance float64) error {
	for _, one := range worse {
		if _, err := fmt.Fprintf(w, "slower: %s: %.2f, before %.2f\n", one.Name, one.Now, one.Before); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	switch {
	case compared == 0:
		return errors.New("no ratio is in both measurements")
	case len(worse) > 0:
		return fmt.Errorf("%d of %d ratios are worse by more than %.0f %%", len(worse), compared, tolerance*100)
	}
	_, err := fmt.Fprintf(w, "none of %d ratios is worse by more than %.0f %%\n", compared, tolerance*100)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
