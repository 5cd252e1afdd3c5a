package toolchain

import (
	"context"
	"errors"
	"os/exec"
	"slices"
	"strings"
)

// StepState is what a setup would do for a step.
type StepState struct {
	Name string
	// Ready reports whether there is nothing to do.
	Ready bool
}

// States returns the state of each step of a complete setup. It changes nothing.
func States(ctx context.Context, opts Options) ([]StepState, error) {
	t, steps, err := choosing(opts, nil)
	if err != nil {
		return nil, err
	}
	var all []StepState
	for _, s := range steps {
		if s.isWanted() {
			all = append(all, StepState{Name: s.name, Ready: t.present(ctx, s)})
		}
	}
	return all, nil
}

// Python returns the Python on PATH that a setup uses to create its environments.
func Python(ctx context.Context) (string, error) { return findPython(ctx, []string{pythonVersion}) }

// PulumiOnPath returns the Pulumi CLI on PATH and its version. The error is the reason why
// a setup does not use it.
func PulumiOnPath(ctx context.Context) (path, version string, err error) {
	path, err = exec.LookPath("pulumi")
	if err != nil {
		return "", "", errors.New("not on PATH")
	}
	out, err := exec.CommandContext(ctx, path, "version").Output()
	if err != nil {
		return path, "", errors.New("does not run: " + err.Error())
	}
	version = strings.TrimSpace(string(out))
	if systemPulumi(ctx) == "" {
		return path, version, errors.New("is older than " + pulumiOldest)
	}
	return path, version, nil
}

// Plugins returns the paths of the machine's providers by name; "" for one that is missing
// or too old.
func Plugins() map[string]string {
	return map[string]string{"aws " + awsVersion: systemProvider("aws", awsVersion), "random " + randomVersion: systemProvider("random", randomVersion)}
}

// SlowSteps reports whether one of the steps compiles large programs, which takes
// minutes.
func SlowSteps(names []string) bool {
	return slices.Contains(names, StepPulumi) || slices.Contains(names, StepProviders)
}
