package artifacts

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// buildFunction builds the function ./lambda/<name> for Lambda's provided.al2023
// runtime on x86-64 and returns the absolute path of outDir/<name>.zip. The same
// source and Go version give the same bytes, wherever the project is. The error of
// a failed build contains the compiler's output.
func buildFunction(ctx context.Context, projectDir, outDir, name string) (string, error) {
	path, err := zipFunction(ctx, projectDir, outDir, name)
	if err != nil {
		return "", fmt.Errorf("build the function %s: %w", name, err)
	}
	return path, nil
}

func zipFunction(ctx context.Context, projectDir, outDir, name string) (string, error) {
	outDir, err := filepath.Abs(outDir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(outDir, 0o750); err != nil {
		return "", err
	}
	// A separate folder, so that concurrent builds into outDir do not collide.
	work, err := os.MkdirTemp(outDir, "."+name+"-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	bootstrap := filepath.Join(work, "bootstrap")
	if err := compile(ctx, projectDir, "./lambda/"+name, bootstrap); err != nil {
		return "", err
	}
	binary, err := os.ReadFile(bootstrap) //nolint:gosec // Just built.
	if err != nil {
		return "", err
	}
	path := filepath.Join(outDir, name+".zip")
	return path, writeZip(path, entry{name: "bootstrap", mode: 0o755, content: binary})
}

func compile(ctx context.Context, projectDir, source, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid=", "-o", binary, source)
	cmd.Dir = projectDir
	cmd.Env = environment(os.Environ())
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("in %s: %s: %w\n%s", projectDir, strings.Join(cmd.Args, " "), err, out)
	}
	return nil
}

// pinned are the settings that change the compiler's result.
var pinned = []string{
	"CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off",
}

// environment returns the caller's environment with the pinned settings.
func environment(caller []string) []string {
	return append(slices.Clone(caller), pinned...) // The last value of a name counts.
}
