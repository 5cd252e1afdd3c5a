package toolchain

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"store-events/tools/setup/internal/files"
)

// policyPack is the name of the pack's executable. The engine accepts any name.
const policyPack = "store-events-policy"

// programSources are the folders and files, relative to the project, that the
// command line and the policy pack are compiled from.
var programSources = []string{
	"cmd", "components", "config", "console", "deploy", "internal", "lambda", "localaws", "ops", "policy", "preflight", "program", "schema",
	"tools/setup", "go.mod", "go.sum",
}

// ownPrograms builds the command line and the policy pack from the project's source, with
// one command because they share most packages. It runs each time: the Go command needs a
// second to find that nothing changed. The marker with the hash of the source is for
// Resolve, which refuses programs older than the source. The results are inside the
// checkout, so that checkouts do not use each other's programs.
func (t *toolchain) ownPrograms() step {
	packages := []string{"./cmd/storeevents", "./policy"}
	return step{
		name:     StepProject,
		about:    "the storeevents command and the policy pack",
		always:   true,
		checkout: true,
		inputs:   t.programInputs,
		outputs:  []string{t.own("bin", "storeevents"), t.own("bin", "policy", policyPack)},
		fetch:    func(ctx context.Context, j *job) error { return t.fetchProject(ctx, j, packages) },
		build: func(ctx context.Context, j *job) error {
			out := t.own("bin", "build")
			options := append([]string{fastClients}, packages...)
			if err := j.run(ctx, t.compile(t.project, out+"/", "-s -w"+t.commitFlag(ctx), options...)); err != nil {
				return err
			}
			// Copies, because go build links a program again if it was moved.
			if err := files.Copy(filepath.Join(out, "storeevents"), t.own("bin", "storeevents")); err != nil {
				return err
			}
			if err := files.Copy(filepath.Join(out, "policy"), t.own("bin", "policy", policyPack)); err != nil {
				return err
			}
			return files.Copy(t.own("policy", "PulumiPolicy.yaml"), t.own("bin", "policy", "PulumiPolicy.yaml"))
		},
	}
}

// fetchProject downloads modules. The first time it compiles the largest part of the standard library
// meanwhile, because the processors would only wait.
func (t *toolchain) fetchProject(ctx context.Context, j *job, packages []string) error {
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return j.download(gctx, t.project, packages...) })
	if !files.Exists(t.own("bin", "storeevents")) {
		standard := golang(t.project, "build", "net/http", "html/template")
		standard.nice = true
		g.Go(func() error { return j.run(gctx, standard) })
	}
	return g.Wait()
}

func (t *toolchain) programInputs() (inputs, error) {
	var sources []string
	for _, name := range programSources {
		sources = append(sources, t.own(name))
	}
	return goInputs("project", sources...)
}

// commitFlag makes the linker record the commit of the checkout, for `storeevents version`.
// A folder without git has none.
func (t *toolchain) commitFlag(ctx context.Context) string {
	out, err := exec.CommandContext(ctx, "git", "-C", t.project, "rev-parse", "--short=12", "HEAD").Output() //nolint:gosec // The user's git.
	if err != nil {
		return ""
	}
	return " -X main.commit=" + strings.TrimSpace(string(out))
}
