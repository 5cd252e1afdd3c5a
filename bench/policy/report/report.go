// Package report compares previews with and without the policy pack.
package report

import (
	"fmt"
	"io"
	"slices"
)

// Cost is the time that one preview took.
type Cost struct {
	// Wall-clock time, and processor time of all processes together.
	Seconds   float64 `json:"seconds"`
	Processor float64 `json:"processor"`
}

// Report compares previews of one stack with and without the pack.
type Report struct {
	Stack     string `json:"stack"`
	Resources int    `json:"resources"`
	// Without and With are the previews in the order that they ran.
	Without []Cost `json:"without"`
	With    []Cost `json:"with"`
	// The medians, and the ratio of With to Without.
	MedianWithout Cost `json:"medianWithout"`
	MedianWith    Cost `json:"medianWith"`
	Ratio         Cost `json:"ratio"`
}

// Conclude computes the medians and their ratios.
func (r *Report) Conclude() {
	r.MedianWithout, r.MedianWith = median(r.Without), median(r.With)
	r.Ratio = Cost{
		Seconds:   r.MedianWith.Seconds / r.MedianWithout.Seconds,
		Processor: r.MedianWith.Processor / r.MedianWithout.Processor,
	}
}

func median(costs []Cost) Cost {
	of := func(figure func(Cost) float64) float64 {
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
	return Cost{
		Seconds:   of(func(c Cost) float64 { return c.Seconds }),
		Processor: of(func(c Cost) float64 { return c.Processor }),
	}
}

// Write writes the medians as a table.
func (r *Report) Write(w io.Writer) error {
	_, err := fmt.Fprintf(w, `preview of stack %s, %d resources, medians of %d
                  without    with   ratio
by the clock     %6.2f s %6.2f s    %.2f
processor time   %6.2f s %6.2f s    %.2f
`, r.Stack, r.Resources, len(r.With), r.MedianWithout.Seconds, r.MedianWith.Seconds, r.Ratio.Seconds,
		r.MedianWithout.Processor, r.MedianWith.Processor, r.Ratio.Processor)
	return err
}
