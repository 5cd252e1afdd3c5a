package toolchain

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/semver"

	"store-events/tools/setup/fromsource"
	"store-events/tools/setup/internal/files"
)

const (
	// pulumiVersion is the version in pulumi/go.mod. The linker sets it in the CLI, because
	// the Automation API reads it.
	pulumiVersion = "v3.259.0"
	// pulumiOldest can start a compiled policy pack.
	pulumiOldest = "v3.255.0"
	pulumiMain   = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
)

// pulumi builds the Pulumi CLI from its module, see pulumi/overlay.
func (t *toolchain) pulumi() step {
	dir, build := t.own("tools", "setup", "fromsource", "pulumi"), t.in("build", "pulumi")
	return step{
		name:    StepPulumi,
		about:   "Pulumi CLI " + pulumiVersion,
		find:    systemPulumi,
		inputs:  func() (inputs, error) { return goInputs("pulumi 1 "+pulumiVersion, dir) },
		outputs: []string{t.in("bin", "pulumi")},
		fetch: func(ctx context.Context, j *job) error {
			mods, err := j.modules(ctx, filepath.Join(dir, "source"))
			if err != nil {
				return err
			}
			if err := fromsource.CopyModule(dir, build); err != nil {
				return err
			}
			for _, m := range mods {
				if err := fromsource.Overlay(m, filepath.Join(dir, "overlay"), filepath.Join(build, "src")); err != nil {
					return fmt.Errorf("copy of %s: %w", m.Path, err)
				}
			}
			return j.download(ctx, build, pulumiMain)
		},
		build: func(ctx context.Context, j *job) error {
			out := filepath.Join(build, "pulumi")
			flags := "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=" + pulumiVersion
			if err := j.run(ctx, t.compile(build, out, flags, withoutDebugInfo("github.com/pulumi/pulumi/pkg/..."), pulumiMain)); err != nil {
				return err
			}
			return files.Place(out, t.in("bin", "pulumi"))
		},
	}
}

// systemPulumi finds a CLI on PATH that is new enough.
func systemPulumi(ctx context.Context) string {
	path, err := exec.LookPath("pulumi")
	if err != nil {
		return ""
	}
	out, err := exec.CommandContext(ctx, path, "version").Output() //nolint:gosec // the user's program
	if err != nil || semver.Compare(strings.TrimSpace(string(out)), pulumiOldest) < 0 {
		return ""
	}
	return path
}
