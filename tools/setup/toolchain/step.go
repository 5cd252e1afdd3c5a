package toolchain

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// step sets up one tool in up to two phases: fetch waits for the network and runs
// immediately, build uses the processors and waits for its turn.
type step struct {
	name  string
	about string
	// needs are the steps that must be done first.
	needs []string
	// find returns the tool that the machine has already, or "".
	find func(ctx context.Context) string
	// inputs returns the inputs of the result: a recipe version, files.
	inputs func() (inputs, error)
	// outputs are the files and folders that must exist after the step.
	outputs []string
	// wanted reports whether the step is needed, after the steps in needs are done.
	// Nil means yes.
	wanted func() bool
	// onDemand means that the step only runs on request.
	onDemand bool
	// stale reports whether a finished step should run again.
	stale func() bool
	// detail describes briefly what a finished step has set up.
	detail func() string
	// always runs the step each time, because its tool checks what is up to date.
	always bool
	// checkout stores the step's marker in the project instead of the cache, for results that
	// belong to one checkout.
	checkout bool
	fetch    func(ctx context.Context, j *job) error
	build    func(ctx context.Context, j *job) error
}

func (s step) isWanted() bool { return s.wanted == nil || s.wanted() }

func (s step) summary() string {
	if s.detail == nil {
		return ""
	}
	return s.detail()
}

// choose returns the named steps and their dependencies, in the order of all.
func choose(all []step, names []string) ([]step, error) {
	if len(names) == 0 {
		return all, nil
	}
	var known []string
	for _, s := range all {
		known = append(known, s.name)
	}
	want := map[string]bool{}
	var add func(string) error
	add = func(name string) error {
		i := slices.Index(known, name)
		if i < 0 {
			return fmt.Errorf("no setup step %q; there are %s", name, strings.Join(known, ", "))
		}
		want[name] = true
		for _, n := range all[i].needs {
			if err := add(n); err != nil {
				return err
			}
		}
		return nil
	}
	for _, n := range names {
		if err := add(n); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(s step) bool { return !want[s.name] }), nil
}
