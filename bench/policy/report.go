package main

import (
	"fmt"
	"io"
	"slices"
)

// report compares previews of one stack with and without the pack.
type report struct {
	Stack     string `json:"stack"`
	Resources int    `json:"resources"`
	// Without and With are the previews, in the order in which they ran.
	Without []cost `json:"without"`
	With    []cost `json:"with"`
	// The medians of these, and the second over the first.
	MedianWithout cost `json:"medianWithout"`
	MedianWith    cost `json:"medianWith"`
	Ratio         cost `json:"ratio"`
}

func (r *report) conclude() {
	r.MedianWithout, r.MedianWith = median(r.Without), median(r.With)
	r.Ratio = cost{
		Seconds:   r.MedianWith.Seconds / r.MedianWithout.Seconds,
		Processor: r.MedianWith.Processor / r.MedianWithout.Processor,
	}
}

func median(costs []cost) cost {
	of := func(figure func(cost) float64) float64 {
		var figures []float64
		for _, c := range costs {
			figures = append(figures, figure(c))
		}
		slices.Sort(figures)
		middle := len(figures) / 2
		if len(figures)%2 == 1 {
			return figures[middle]
		}
		return (figures[middle-1] + figures[middle]) / 2
	}
	return cost{
		Seconds:   of(func(c cost) float64 { return c.Seconds }),
		Processor: of(func(c cost) float64 { return c.Processor }),
	}
}

func (r *report) write(w io.Writer) error {
	_, err := fmt.Fprintf(w, `preview of stack %s, %d resources, medians of %d
                  without    with   ratio
by the clock     %6.2f s %6.2f s    %.2f
processor time   %6.2f s %6.2f s    %.2f
`, r.Stack, r.Resources, len(r.With), r.MedianWithout.Seconds, r.MedianWith.Seconds, r.Ratio.Seconds,
		r.MedianWithout.Processor, r.MedianWith.Processor, r.Ratio.Processor)
	return err
}
