package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"

	awssdk "github.com/aws/aws-sdk-go-v2/aws"

	"localaws/credentials"
	"localaws/gateway"
	"localaws/ministack"
	"store-events/bench/policy/report"
	"store-events/deploy"
	"store-events/program"
	"store-events/program/project"
	"store-events/tools/setup/toolchain"
)

// bench is what all previews share.
type bench struct {
	tools   toolchain.Paths
	project string
	scratch string
	stack   string
	aws     string
	owner   awssdk.Credentials
}

// measure runs the previews. The first of each kind only fills the caches and does not count.
func measure(ctx context.Context, stack string, runs int, progress io.Writer) (r *report.Report, err error) {
	b := bench{stack: stack}
	if b.project, err = project.Find("."); err != nil {
		return nil, err
	}
	if b.tools, err = toolchain.Resolve(ctx, toolchain.Options{ProjectDir: b.project},
		toolchain.StepPulumi, toolchain.StepProviders, toolchain.StepPython); err != nil {
		return nil, err
	}
	if b.scratch, err = os.MkdirTemp("", "bench-policy-"); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.scratch)) }()
	pack, err := b.buildPack(ctx)
	if err != nil {
		return nil, err
	}
	aws, err := ministack.Start(ctx, ministack.Options{
		Command: b.tools.Ministack, StateDir: filepath.Join(b.scratch, "aws"), GatewayURL: "http://127.0.0.1:1", Region: "us-east-1",
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, aws.Stop()) }()
	authority, err := credentials.Open(b.scratch)
	if err != nil {
		return nil, err
	}
	server := httptest.NewServer(gateway.Front(aws.Transport(), authority, slog.New(slog.DiscardHandler)))
	defer server.Close()
	b.aws, b.owner = server.URL, authority.Root()
	return b.compare(ctx, pack, runs, progress)
}

// buildPack builds the pack from the current source, as the setup does.
func (b bench) buildPack(ctx context.Context) (string, error) {
	file := filepath.Join(b.scratch, "pack", "policy")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", file, "./policy") //nolint:gosec // Builds a package of the project.
	build.Dir, build.Stderr = b.project, os.Stderr
	if err := build.Run(); err != nil {
		return "", fmt.Errorf("build the pack: %w", err)
	}
	return file, nil
}

func (b bench) compare(ctx context.Context, pack string, runs int, progress io.Writer) (*report.Report, error) {
	without, err := b.open(ctx, "without")
	if err != nil {
		return nil, err
	}
	with, err := b.open(ctx, "with", pack)
	if err != nil {
		return nil, err
	}
	r := &report.Report{Stack: b.stack}
	for i := range runs + 1 {
		plain, _, err := preview(ctx, without)
		if err != nil {
			return nil, err
		}
		checked, result, err := preview(ctx, with)
		if err != nil {
			return nil, err
		}
		_, _ = fmt.Fprintf(progress, "%d of %d: %.2f s without, %.2f s with the pack\n", i, runs, plain.Seconds, checked.Seconds)
		if i == 0 {
			continue
		}
		r.Resources = len(result.Steps)
		r.Without, r.With = append(r.Without, plain), append(r.With, checked)
	}
	r.Conclude()
	return r, nil
}

func (b bench) open(ctx context.Context, name string, packs ...string) (*deploy.Deployment, error) {
	return deploy.Open(ctx, deploy.Options{
		ProjectDir: b.project, StateDir: filepath.Join(b.scratch, name), Stack: b.stack, Program: program.Func(b.project),
		Endpoint: b.aws, Credentials: b.owner, Pulumi: b.tools.Pulumi, PluginDir: b.tools.PluginDir, PolicyPacks: packs, Environ: os.Environ(),
	})
}
