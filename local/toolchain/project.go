package toolchain

import (
	"context"
	"path/filepath"
)

// policyPack is the name of the pack's executable. The engine takes any name.
const policyPack = "store-events-policy"

// ownPrograms builds the command line and the policy pack from the project's own
// source, in one go, as they have most packages in common. It has no marker: the
// Go command knows what changed, and takes a second to find that nothing did.
func (t *toolchain) ownPrograms() step {
	packages := []string{"./cmd/storeevents", "./policy"}
	return step{
		name:    StepProject,
		about:   "the storeevents command and the policy pack",
		always:  true,
		inputs:  func() (inputs, error) { return inputs{Recipe: "project"}, nil },
		outputs: []string{t.own("bin", "storeevents"), t.in("policy", policyPack)},
		fetch:   func(ctx context.Context, j *job) error { return j.download(ctx, t.project, packages...) },
		build: func(ctx context.Context, j *job) error {
			out := t.in("build", "project")
			if err := j.run(ctx, compile(t.project, out+"/", "-s -w", packages...)); err != nil {
				return err
			}
			// Copies: what is up to date where it was linked is not linked again.
			if err := copyFile(filepath.Join(out, "storeevents"), t.own("bin", "storeevents")); err != nil {
				return err
			}
			if err := copyFile(filepath.Join(out, "policy"), t.in("policy", policyPack)); err != nil {
				return err
			}
			return copyFile(t.own("policy", "PulumiPolicy.yaml"), t.in("policy", "PulumiPolicy.yaml"))
		},
	}
}
