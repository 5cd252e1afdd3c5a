package toolchain

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// step is one thing to set up. Its work has two phases, either of which may be
// missing: fetch waits for the network and runs beside everything else; build
// uses the processor and takes its turn.
type step struct {
	name  string
	about string
	// needs are steps that must be there first.
	needs []string
	// find gives what the machine has already, or "".
	find func(ctx context.Context) string
	// inputs are what the result depends on: a recipe version, files.
	inputs func() (inputs, error)
	// outputs are the files or folders that must exist for the step to be done.
	outputs []string
	// always runs the step each time: its tool knows best what is up to date.
	always bool
	// checkout keeps the step's marker in the project instead of the cache, for
	// results that belong to one checkout.
	checkout bool
	fetch    func(ctx context.Context, j *job) error
	build    func(ctx context.Context, j *job) error
}

// choose gives the named steps and all that they need, in the order of all.
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
			return fmt.Errorf("no set-up step %q; there are %s", name, strings.Join(known, ", "))
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
