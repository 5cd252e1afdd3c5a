package mutation

import (
	"slices"

	"store-events/tests/policy/recording"
)

// Batch is a program with several independent mutations, whose reports do not affect each other.
type Batch struct {
	Mutations []Mutation
	Program   recording.Program
	// Violations are the additional violations of the mutated program.
	Violations []Finding
}

// Batches combines as many mutations of one program as possible, so that the engine runs less often.
func Batches(p recording.Program, mutations []Mutation, at recording.Moment) ([]Batch, error) {
	before := Violations(Check(p, at))
	var batches []Batch
	for _, m := range mutations {
		alone, err := apply(p, before, at, m)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(batches, func(b Batch) bool { return b.fits(p, before, at, alone) })
		if i < 0 {
			batches = append(batches, alone)
			continue
		}
		if batches[i], err = apply(p, before, at, append(batches[i].Mutations, m)...); err != nil {
			return nil, err
		}
	}
	return batches, nil
}

func apply(p recording.Program, before []Finding, at recording.Moment, mutations ...Mutation) (Batch, error) {
	changed, err := Apply(p, mutations...)
	if err != nil {
		return Batch{}, err
	}
	return Batch{slices.Clone(mutations), changed, without(Violations(Check(changed, at)), before)}, nil
}

// fits reports whether the reports on another mutation can be distinguished from those of the batch.
func (b Batch) fits(p recording.Program, before []Finding, at recording.Moment, alone Batch) bool {
	if slices.ContainsFunc(alone.Violations, func(f Finding) bool { return slices.Contains(b.Violations, f) }) {
		return false
	}
	both, err := apply(p, before, at, append(slices.Clone(b.Mutations), alone.Mutations...)...)
	if err != nil {
		return false
	}
	return slices.Equal(both.Violations, sorted(append(slices.Clone(b.Violations), alone.Violations...)))
}
