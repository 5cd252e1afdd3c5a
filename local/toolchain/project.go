package toolchain

import (
	"context"
	"os"
)

// The policy pack and the command line are built from the project's own source.
// They have no marker: the Go command knows what changed, and takes a second to
// find out that nothing did.

func (t *toolchain) storeEvents() step {
	return t.projectBuild(step{
		name:  StepStoreEvents,
		about: "the storeevents command",
	}, "./cmd/storeevents", t.own("bin", "storeevents"))
}

func (t *toolchain) policy() step {
	s := t.projectBuild(step{
		name:  StepPolicy,
		about: "the policy pack",
	}, "./policy", t.in("policy", policyPack))
	build := s.build
	s.build = func(ctx context.Context, j *job) error {
		if err := build(ctx, j); err != nil {
			return err
		}
		b, err := os.ReadFile(t.own("policy", "PulumiPolicy.yaml"))
		if err != nil {
			return err
		}
		return writeFile(t.in("policy", "PulumiPolicy.yaml"), b)
	}
	return s
}

// policyPack is the name of the pack's executable. The engine takes any name.
const policyPack = "store-events-policy"

func (t *toolchain) projectBuild(s step, pkg, out string) step {
	s.always = true
	s.inputs = func() (inputs, error) { return inputs{Recipe: pkg}, nil }
	s.outputs = []string{out}
	s.fetch = func(ctx context.Context, j *job) error { return j.download(ctx, t.project, pkg) }
	s.build = func(ctx context.Context, j *job) error {
		tmp := out + ".new"
		if err := j.run(ctx, golang(t.project, goBuild(tmp, "-s -w", pkg)...)); err != nil {
			return err
		}
		return place(tmp, out)
	}
	return s
}
