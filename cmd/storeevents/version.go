package main

import (
	"context"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/tools/setup/toolchain"
)

// version and commit are set by the linker: by tools/release, and by the setup.
var version, commit string //nolint:gochecknoglobals // The linker sets only package variables.

// modules are the Go modules whose versions affect a deployment.
const (
	pulumiModule = "github.com/pulumi/pulumi/sdk/v3"
	awsModule    = "github.com/pulumi/pulumi-aws/sdk/v6"
	randomModule = "github.com/pulumi/pulumi-random/sdk/v4"
)

// versionResult is what `version` prints.
type versionResult struct {
	// Version is the release, "development" for a build of a checkout.
	Version string `json:"version"`
	// Commit is the checkout's when it was built; empty if unknown.
	Commit   string `json:"commit"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// Engine is the Pulumi CLI that the command runs; empty if there is none.
	Engine engineVersion `json:"engine"`
	// SDK and Providers are the releases that the program was compiled with.
	SDK       string            `json:"sdk"`
	Providers map[string]string `json:"providers"`
}

type engineVersion struct {
	Version string `json:"version"`
	Path    string `json:"path"`
}

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:         "version",
		Short:       "Print the versions of the command, the engine and the providers",
		Args:        noArguments,
		Annotations: anywhere(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := a.version(cmd.Context())
			return a.print(v, v.write)
		},
	}
}

func (a *app) version(ctx context.Context) versionResult {
	v := versionResult{Version: version, Commit: commit, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Providers: map[string]string{}}
	if v.Version == "" {
		v.Version = "development"
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			switch m.Path {
			case pulumiModule:
				v.SDK = m.Version
			case awsModule:
				v.Providers["aws"] = m.Version
			case randomModule:
				v.Providers["random"] = m.Version
			}
		}
	}
	v.Engine = a.engineVersion(ctx)
	return v
}

// engineVersion returns the version of the CLI that a deployment would run, or of the one on PATH.
func (a *app) engineVersion(ctx context.Context) engineVersion {
	path, _ := exec.LookPath("pulumi")
	if a.prepare() == nil {
		if tools, err := a.tools(ctx, toolchain.StepPulumi); err == nil {
			path = tools.Pulumi
		}
	}
	if path == "" {
		return engineVersion{}
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, "version").Output() //nolint:gosec // The user's engine, or the setup's.
	if err != nil {
		return engineVersion{Path: path}
	}
	return engineVersion{Version: strings.TrimSpace(string(out)), Path: path}
}

func (v versionResult) write(w *page.Page) {
	built := v.Version
	if v.Commit != "" {
		built += " (commit " + v.Commit + ")"
	}
	engine := "none: `make setup` provides one"
	if v.Engine.Path != "" {
		engine = v.Engine.Version + " at " + v.Engine.Path
	}
	w.Printf("storeevents %s\n", built)
	w.Printf("Go          %s on %s\n", v.Go, v.Platform)
	w.Printf("engine      %s\n", strings.TrimSpace(engine))
	w.Printf("Pulumi SDK  %s\n", v.SDK)
	w.Printf("providers   aws %s, random %s\n", v.Providers["aws"], v.Providers["random"])
}
