// Package build makes the deployment packages of the functions.
package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Zip builds the producer; see Function.
func Zip(ctx context.Context, projectDir, outDir string) (string, error) {
	return Function(ctx, projectDir, outDir, "producer")
}

// Function builds the function ./lambda/<name> for Lambda's provided.al2023
// runtime on x86-64 and returns the path of outDir/<name>.zip, absolute. It uses
// the go command on PATH. The same source and Go version give the same bytes,
// wherever the project is; a zip that has them already is left as it is. The
// error of a failed build carries the compiler's output.
func Function(ctx context.Context, projectDir, outDir, name string) (string, error) {
	path, err := function(ctx, projectDir, outDir, name)
	if err != nil {
		return "", fmt.Errorf("build the %s: %w", name, err)
	}
	return path, nil
}

func function(ctx context.Context, projectDir, outDir, name string) (string, error) {
	outDir, err := filepath.Abs(outDir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(outDir, 0o750); err != nil {
		return "", err
	}
	// A separate folder: several builds into outDir at once do no harm.
	work, err := os.MkdirTemp(outDir, "."+name+"-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()

	binary := filepath.Join(work, "bootstrap")
	if err := compile(ctx, projectDir, "./lambda/"+name, binary); err != nil {
		return "", err
	}
	path := filepath.Join(outDir, name+".zip")
	if err := writeZip(binary, filepath.Join(work, name+".zip"), path); err != nil {
		return "", fmt.Errorf("zip %s: %w", path, err)
	}
	return path, nil
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

// pinned are the settings that change what the compiler makes.
var pinned = []string{
	"CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off",
}

// environment is the caller's, with what changes the result pinned.
func environment(caller []string) []string {
	return append(slices.Clone(caller), pinned...) // The last value of a name counts.
}
