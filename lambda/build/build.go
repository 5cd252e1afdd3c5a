// Package build makes the deployment package of the producer function.
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

// Zip builds the producer for Lambda's provided.al2023 runtime on x86-64 and
// returns the path of outDir/producer.zip, absolute. It uses the go command on
// PATH. The same source and Go version give the same bytes, wherever the
// project is; a zip that has them already is left as it is. The error of a
// failed build carries the compiler's output.
func Zip(ctx context.Context, projectDir, outDir string) (string, error) {
	outDir, err := filepath.Abs(outDir)
	if err != nil {
		return "", fmt.Errorf("build the producer: %w", err)
	}
	if err := os.MkdirAll(outDir, 0o750); err != nil {
		return "", fmt.Errorf("build the producer: %w", err)
	}
	// A folder of its own: several builds into outDir at once do no harm.
	work, err := os.MkdirTemp(outDir, ".producer-")
	if err != nil {
		return "", fmt.Errorf("build the producer: %w", err)
	}
	defer func() { _ = os.RemoveAll(work) }()

	binary := filepath.Join(work, "bootstrap")
	if err := compile(ctx, projectDir, binary); err != nil {
		return "", err
	}
	path := filepath.Join(outDir, "producer.zip")
	if err := writeZip(binary, filepath.Join(work, "producer.zip"), path); err != nil {
		return "", fmt.Errorf("build the producer: zip %s: %w", path, err)
	}
	return path, nil
}

func compile(ctx context.Context, projectDir, binary string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid=", "-o", binary, "./lambda/producer")
	cmd.Dir = projectDir
	cmd.Env = environment(os.Environ())
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return fmt.Errorf("build the producer: %w", ctx.Err())
	}
	if err != nil {
		return fmt.Errorf("build the producer in %s: %s: %w\n%s", projectDir, strings.Join(cmd.Args, " "), err, out)
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
