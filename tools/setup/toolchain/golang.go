package toolchain

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"

	"store-events/tools/setup/fromsource/trim"
)

// golang returns a go command with the user's Go configuration, but without workspaces:
// each module is built separately.
func golang(dir string, args ...string) command {
	return command{dir: dir, env: []string{"GOWORK=off"}, args: append([]string{"go"}, args...)}
}

// downloading returns a go command that downloads modules. It downloads in parallel up to GOMAXPROCS,
// whose default is the number of processors, although it mostly waits for the network.
func downloading(dir string, args ...string) command {
	c := golang(dir, args...)
	c.env = append(c.env, "GOMAXPROCS=16")
	return c
}

// compile returns a go build command, with a lower priority than downloads. By default it sets no
// compiler options, so that it shares the build cache with tests. With less frequent garbage
// collections the compiler needs a sixth less processor time.
func (t *toolchain) compile(dir, out, ldflags string, optionsAndPackages ...string) command {
	args := []string{"build", "-buildvcs=false", "-o", out, "-ldflags", ldflags}
	if t.memory < memoryForBuilders {
		args = append(args, "-p", "1")
	}
	c := golang(dir, append(args, optionsAndPackages...)...)
	c.env = append(c.env, "GOGC=400", fmt.Sprintf("GOMEMLIMIT=%dMiB", t.compilerMemory()>>20))
	c.nice = true
	return c
}

// compilerMemory is the memory limit of each of two compilers, in bytes. The largest package, AWS's client for EC2,
// needs 5 GiB, or a third more time with 2.5 GiB.
func (t *toolchain) compilerMemory() uint64 { return max(2500<<20, t.memory/4) }

// fastClients is an option of compile for AWS's generated clients: without inlining and debug information, the compiler
// needs half the processor time. Their calls wait for the network anyway. `make test` and the build of the Lambda
// functions set the same option, so that they share the build cache.
const fastClients = "-gcflags=github.com/aws/aws-sdk-go-v2/service/...=-dwarf=false -l"

// withoutDebugInfo is an option of compile for packages that tests do not compile. The linker removes
// debug information anyway; not generating it needs a seventh less processor time.
func withoutDebugInfo(packages string) string { return "-gcflags=" + packages + "=-dwarf=false" }

// modules downloads modules and returns their folders.
func (j *job) modules(ctx context.Context, dir string, paths ...string) ([]trim.Module, error) {
	var out string
	err := j.retry(ctx, func() (err error) {
		out, err = j.output(ctx, downloading(dir, append([]string{"mod", "download", "-json"}, paths...)...))
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []trim.Module
	for dec := json.NewDecoder(strings.NewReader(out)); dec.More(); {
		var m trim.Module
		if err := dec.Decode(&m); err != nil {
			return nil, fmt.Errorf("output of go mod download: %w", err)
		}
		all = append(all, m)
	}
	return all, nil
}

// download fetches the modules that a build of the packages needs.
func (j *job) download(ctx context.Context, dir string, args ...string) error {
	return j.retry(ctx, func() error {
		_, err := j.output(ctx, downloading(dir, append([]string{"list", "-deps"}, args...)...))
		return err
	})
}

// goInputs are the inputs of a build: the Go release and all files in the folders,
// without tests, their data, and the folders that the Go command ignores.
func goInputs(recipe string, dirs ...string) (inputs, error) {
	in := inputs{Recipe: recipe + " " + runtime.Version()}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && path != dir && ignoredByGo(d.Name()) {
				return filepath.SkipDir
			}
			if err == nil && d.Type().IsRegular() && !strings.HasSuffix(path, "_test.go") {
				in.Files = append(in.Files, path)
			}
			return err
		})
		if err != nil {
			return in, fmt.Errorf("an input of the setup: %w", err)
		}
	}
	return in, nil
}

// ignoredByGo reports whether the Go command ignores a folder of this name, such
// as __pycache__ (go help packages).
func ignoredByGo(name string) bool {
	return name == "testdata" || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".")
}
