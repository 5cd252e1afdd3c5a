// Package mutant activates mutants. The command mutants compiles calls of it into the
// packages under test, one call for each place that it can mutate, so that one test
// binary contains all mutants: compiling and linking takes longer than running a
// package's tests. An environment variable selects the mutant of a run.
package mutant

import (
	"cmp"
	"os"
	"slices"
	"strconv"
	"sync"
)

// Environment variables of a test binary with mutants.
const (
	// Active is the number of the active mutant; without it none is active.
	Active = "STORE_EVENTS_MUTANT"
	// Reached is a file for the numbers of the mutants that the tests reach.
	Reached = "STORE_EVENTS_MUTANTS_REACHED"
)

var (
	active, _ = strconv.Atoi(os.Getenv(Active))
	reached   = os.Getenv(Reached)
	seen      sync.Map
)

// On reports whether a mutant is active.
func On(id int) bool {
	if reached != "" {
		note(id)
	}
	return id == active
}

// note appends the number of a mutant to the file, only once.
func note(id int) {
	if _, before := seen.LoadOrStore(id, true); before {
		return
	}
	f, err := os.OpenFile(reached, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // A file of the command mutants.
	if err != nil {
		panic(err)
	}
	_, err = f.WriteString(strconv.Itoa(id) + "\n")
	if err := cmp.Or(err, f.Close()); err != nil {
		panic(err)
	}
}

type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~float32 | ~float64
}

// Not negates a condition.
func Not[T ~bool](id int, v T) T { return v != T(On(id)) }

// And replaces && by ||.
func And(id int, x bool, y func() bool) bool {
	if On(id) {
		return x || y()
	}
	return x && y()
}

// Or replaces || by &&.
func Or(id int, x bool, y func() bool) bool {
	if On(id) {
		return x && y()
	}
	return x || y()
}

// Less replaces < by <=, and with the next number by >=.
func Less[T cmp.Ordered](id int, x, y T) bool {
	return On(id) && x <= y || On(id+1) && x >= y || !On(id) && !On(id+1) && x < y
}

// AtMost replaces <= by <, and with the next number by >.
func AtMost[T cmp.Ordered](id int, x, y T) bool {
	return On(id) && x < y || On(id+1) && x > y || !On(id) && !On(id+1) && x <= y
}

// More replaces > by >=, and with the next number by <=.
func More[T cmp.Ordered](id int, x, y T) bool { return Less(id, y, x) }

// AtLeast replaces >= by >, and with the next number by <.
func AtLeast[T cmp.Ordered](id int, x, y T) bool { return AtMost(id, y, x) }

// Add replaces + by -.
func Add[T number](id int, x, y T) T {
	if On(id) {
		return x - y
	}
	return x + y
}

// Sub replaces - by +.
func Sub[T number](id int, x, y T) T {
	if On(id) {
		return x + y
	}
	return x - y
}

// Mul replaces * by /.
func Mul[T number](id int, x, y T) T {
	if On(id) {
		return x / y
	}
	return x * y
}

// Div replaces / by *.
func Div[T number](id int, x, y T) T {
	if On(id) {
		return x * y
	}
	return x / y
}

// Number replaces a number by the next one.
func Number[T number](id int, v T) T {
	if On(id) {
		return v + 1
	}
	return v
}

// Text replaces a string by an empty one, and an empty one by another.
func Text[T ~string](id int, v T) T {
	switch {
	case !On(id):
		return v
	case v == "":
		return "~"
	default:
		return ""
	}
}

// Zero replaces a value by the zero value of its type, such as an unset field of a struct
// or a missing option.
func Zero[T any](id int, v T) T {
	if On(id) {
		var none T
		return none
	}
	return v
}

// Elements removes an element of a list; the first has the number id.
func Elements[S ~[]E, E any](id int, s S) S {
	for i := range s {
		if On(id + i) {
			return slices.Delete(slices.Clone(s), i, i+1)
		}
	}
	return s
}

// Entry removes an entry of a map.
func Entry[M ~map[K]V, K comparable, V any](id int, m M, key K) M {
	if On(id) {
		delete(m, key)
	}
	return m
}
