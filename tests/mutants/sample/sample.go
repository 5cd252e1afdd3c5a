// Package sample is mutated by the test of the command mutants. Its tests kill only
// some of the mutants, on purpose.
package sample

// Window is a range of hours.
type Window struct {
	From, To int
	Name     string
}

// Day is a whole day.
var Day = Window{From: 0, To: 24, Name: "day"}

// Has reports whether an hour is in the window.
func (w Window) Has(hour int) bool { return hour >= w.From && hour < w.To }

// Sum adds numbers; a loop that never ends is a mutant that times out.
func Sum(numbers ...int) int {
	total := 0
	for i := 0; i < len(numbers); {
		total += numbers[i]
		i++
	}
	return total
}

// Unused is not reached by tests.
func Unused() int { return 1 }
