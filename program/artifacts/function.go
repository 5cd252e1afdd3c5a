package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// kept is the subfolder of the output folder with the programs of earlier builds: the go
// command does not link a program that is up to date again.
const kept = ".functions"

// buildFunctions builds each function ./lambda/<name> for Lambda's provided.al2023
// runtime on x86-64 and returns the absolute paths of outDir/<name>.zip. Builds with
// the same Go version are reproducible, in any folder. The error of a failed build
// contains the compiler's output.
func buildFunctions(ctx context.Context, projectDir, outDir string, names ...string) ([]string, error) {
	zips, err := zipFunctions(ctx, projectDir, outDir, names)
	if err != nil {
		return nil, fmt.Errorf("build the functions %s: %w", strings.Join(names, ", "), err)
	}
	return zips, nil
}

func zipFunctions(ctx context.Context, projectDir, outDir string, names []string) ([]string, error) {
	outDir, err := filepath.Abs(outDir)
	if err != nil {
		return nil, err
	}
	programs := filepath.Join(outDir, kept)
	built, err := workplace(programs, names)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(built) }()
	if err := compile(ctx, projectDir, built, names); err != nil {
		return nil, err
	}
	zips := make([]string, len(names))
	for i, name := range names {
		binary, err := os.ReadFile(filepath.Join(built, name)) //nolint:gosec // Just built.
		if err != nil {
			return nil, err
		}
		if err := replaceFile(filepath.Join(programs, name), binary); err != nil {
			return nil, err
		}
		zips[i] = filepath.Join(outDir, name+".zip")
		bootstrap := entry{name: "bootstrap", mode: 0o755, content: binary}
		// Compressing takes longer than a build without changes. The zip also depends on
		// the Go version, but the program contains that.
		if holds(zips[i], bootstrap) {
			continue
		}
		if err := writeZip(zips[i], bootstrap); err != nil {
			return nil, err
		}
	}
	return zips, nil
}

// workplace creates a temporary folder for one build, with copies of the existing programs.
// The go command changes the modification time even of programs that are up to date, which
// would invalidate cached test results. Concurrent builds do not collide either.
func workplace(programs string, names []string) (string, error) {
	if err := os.MkdirAll(programs, 0o750); err != nil {
		return "", err
	}
	place, err := os.MkdirTemp("", "store-events-functions")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		program, err := os.ReadFile(filepath.Join(programs, name)) //nolint:gosec // Of an earlier build.
		if err == nil {
			err = os.WriteFile(filepath.Join(place, name), program, 0o600)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", errors.Join(err, os.RemoveAll(place))
		}
	}
	return place, nil
}

// compile builds the functions into a folder, except those there that are up to date.
func compile(ctx context.Context, projectDir, folder string, names []string) error {
	args := []string{
		"build", "-tags", "lambda.norpc", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w",
		"-gcflags=all=-dwarf=false", // The linker leaves the debug information out.
		fastClients,
		"-o", folder + string(filepath.Separator),
	}
	for _, name := range names {
		args = append(args, "./lambda/"+name)
	}
	cmd := exec.CommandContext(ctx, "go", args...) //nolint:gosec // Our own packages.
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

// fastClients is tools/setup's option for AWS's generated clients, which also makes the functions smaller.
const fastClients = "-gcflags=github.com/aws/aws-sdk-go-v2/service/...=-dwarf=false -l"

// pinned are the settings that change the compiler's result.
var pinned = []string{
	"CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOFLAGS=", "GOEXPERIMENT=", "GOFIPS140=off", "GOWORK=off",
}

// fast makes the compiler collect garbage less often: a sixth less CPU time, but more memory.
const fast = "GOGC=400"

// environment returns the caller's environment with the pinned settings.
func environment(caller []string) []string {
	return append(append(slices.Clone(caller), fast), pinned...) // The last value of a name counts.
}
