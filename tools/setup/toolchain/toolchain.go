// Package toolchain sets up the tools that run the pipeline on one machine: the Pulumi
// CLI, its providers, the policy pack, a Python environment, Spark's jars and a database
// server. It uses tools on PATH, and fetches and builds the rest into one cache folder,
// with the ordinary clients of each ecosystem (go, pip, mvn, apt) and the user's settings.
package toolchain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"store-events/tools/setup/internal/files"
	"store-events/tools/setup/internal/memory"
)

// Options are the folders to use. The zero value is for programs that run inside the
// project.
type Options struct {
	// CacheDir is the folder that Ensure fills. Default: STORE_EVENTS_CACHE, or
	// store-events in the user's cache folder.
	CacheDir string
	// ProjectDir is the project's checkout. Default: the nearest parent of the
	// working directory that is one.
	ProjectDir string
	// IgnorePath builds everything, including tools on PATH.
	IgnorePath bool
	// Progress is called for each change of a step's state, one call at a time.
	Progress func(Event)
}

// Paths are the tools of a machine after the setup.
type Paths struct {
	// Pulumi is the Pulumi CLI.
	Pulumi string `json:"pulumi"`
	// PluginDir has the providers that were built here. It belongs at the end of
	// PATH, so that the user's providers take precedence.
	PluginDir string `json:"pluginDir"`
	// PolicyDir is the folder of the built policy pack and PolicyPack its
	// executable, for --policy-pack.
	PolicyDir  string `json:"policyDir"`
	PolicyPack string `json:"policyPack"`
	// Python has Spark and the packages of the tests. Ministack is the emulator, which has a separate Python environment.
	Python    string `json:"python"`
	Ministack string `json:"ministack"`
	// GluePython runs jobs: it has only the packages of Glue.
	GluePython string `json:"gluePython"`
	// Python6, Glue6Python and Glue6JarsDir are Python, GluePython and JarsDir for Glue 6.0,
	// which is only set up on request.
	Python6      string `json:"python6"`
	Glue6Python  string `json:"glue6Python"`
	Glue6JarsDir string `json:"glue6JarsDir"`
	// AwsglueWheels has AWS's awsglue of both versions; it is set up with Glue 6.0.
	AwsglueWheels string `json:"awsglueWheels"`
	// JavaHome is a Java 17 runtime.
	JavaHome string `json:"javaHome"`
	// JarsDir has the jars that Spark needs in addition to its own.
	JarsDir string `json:"jarsDir"`
	// Database is the folder of the database server to run, see package dbserver.
	Database string `json:"database"`
	// MariaDB is the folder of a MariaDB server, if it was set up on request or
	// because there is no MySQL.
	MariaDB string `json:"mariaDB"`
	// LocalAWSTools is the file with the paths of tools for the local AWS's command line.
	LocalAWSTools string `json:"localAWSTools"`
	// StoreEvents is the project's command line.
	StoreEvents string `json:"storeevents"`
}

// Ensure sets up the named steps and their dependencies; no names mean all. It runs them
// concurrently, skips finished ones, and waits for another setup of the same cache. The
// first failure, a *StepError, stops the rest.
func Ensure(ctx context.Context, opts Options, names ...string) (Paths, error) {
	t, chosen, err := choosing(opts, names)
	if err != nil {
		return Paths{}, err
	}
	unlock, err := lock(ctx, filepath.Join(t.cache, "lock"), t.waiting)
	if err != nil {
		return Paths{}, err
	}
	defer unlock()
	if _, t.memory, err = memory.Read(); err != nil {
		t.memory = memoryForBuilders
	}
	if err := t.run(ctx, chosen); err != nil {
		return Paths{}, err
	}
	if len(chosen) == len(t.steps()) {
		err = t.writeManifest(ctx)
	}
	return t.paths(ctx), err
}

// Resolve finds the tools that Ensure set up, without building anything; no names mean all
// steps. Its error names missing tools.
func Resolve(ctx context.Context, opts Options, names ...string) (Paths, error) {
	r, err := NewResolver(opts)
	if err != nil {
		return Paths{}, err
	}
	return r.Resolve(ctx, names...)
}

// Resolver is Resolve for several calls: it looks up a tool of the machine only once.
type Resolver struct{ toolchain *toolchain }

// NewResolver finds the folders; it does not look for tools yet.
func NewResolver(opts Options) (*Resolver, error) {
	t, err := newToolchain(opts)
	return &Resolver{t}, err
}

// Resolve finds the tools that Ensure set up; no names mean all steps. Its error names missing tools.
func (r *Resolver) Resolve(ctx context.Context, names ...string) (Paths, error) {
	t, chosen, err := r.toolchain.naming(names)
	if err != nil {
		return Paths{}, err
	}
	var missing []string
	advice := "run `make setup`"
	for _, s := range chosen {
		if t.present(ctx, s) {
			continue
		}
		missing = append(missing, s.name+" ("+s.about+")")
		if s.onDemand {
			advice = InstallCommand(s.name)
		}
	}
	if len(missing) > 0 {
		return Paths{}, errors.New(advice + ", these are not set up or out of date: " + strings.Join(missing, ", "))
	}
	return t.paths(ctx), nil
}

// InstallCommand returns a hint how to set up a step that `make setup` omits.
func InstallCommand(step string) string { return "run `go run ./tools/setup " + step + "`" }

// toolchain is the state of one call.
type toolchain struct {
	cache, project string
	ignorePath     bool
	// memory is the available memory in bytes.
	memory uint64
	report *reporter
	// named are the explicitly requested steps.
	named map[string]bool
	finds *finds
}

// finds caches the tools of the machine by step: reading the version of a Pulumi CLI takes
// a third of a second.
type finds struct {
	mu sync.Mutex
	by map[string]string
}

func newFinds() *finds { return &finds{by: map[string]string{}} }

func (f *finds) find(ctx context.Context, s step) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	what, looked := f.by[s.name]
	if !looked {
		if what = s.find(ctx); ctx.Err() == nil {
			f.by[s.name] = what
		}
	}
	return what
}

func newToolchain(opts Options) (*toolchain, error) {
	t := &toolchain{cache: opts.CacheDir, project: opts.ProjectDir, ignorePath: opts.IgnorePath, report: newReporter(opts.Progress), finds: newFinds()}
	var err error
	if t.project == "" {
		if t.project, err = Project(); err != nil {
			return nil, err
		}
	}
	if t.cache == "" {
		if t.cache, err = CacheDir(); err != nil {
			return nil, err
		}
	}
	if t.project, err = filepath.Abs(t.project); err != nil {
		return nil, fmt.Errorf("project folder: %w", err)
	}
	if t.cache, err = filepath.Abs(t.cache); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	return t, nil
}

// choosing returns a toolchain with the named steps and their dependencies; no names mean all.
func choosing(opts Options, names []string) (*toolchain, []step, error) {
	t, err := newToolchain(opts)
	if err != nil {
		return nil, nil, err
	}
	return t.naming(names)
}

// naming returns a copy of the toolchain with the named steps and their dependencies; no names mean all.
func (t toolchain) naming(names []string) (*toolchain, []step, error) {
	t.named = map[string]bool{}
	for _, n := range names {
		t.named[n] = true
	}
	chosen, err := choose(t.steps(), names)
	return &t, chosen, err
}

// cacheName is the cache's folder in the user's cache folder.
const cacheName = "store-events"

// CacheDir returns the cache's folder: STORE_EVENTS_CACHE, or store-events in the
// user's cache folder.
func CacheDir() (string, error) {
	if dir := os.Getenv("STORE_EVENTS_CACHE"); dir != "" {
		return dir, nil
	}
	return defaultCache()
}

func defaultCache() (string, error) {
	if dir := os.Getenv("XDG_CACHE_HOME"); dir != "" {
		return filepath.Join(dir, cacheName), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no home folder, set STORE_EVENTS_CACHE: %w", err)
	}
	return filepath.Join(home, ".cache", cacheName), nil
}

// Project returns the checkout that contains the working directory.
func Project() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("working directory: %w", err)
	}
	for d := dir; ; d = filepath.Dir(d) {
		if files.Exists(filepath.Join(d, "tools", "setup", "go.mod")) {
			return d, nil
		}
		if d == filepath.Dir(d) {
			return "", fmt.Errorf("%s is not inside a checkout of store-events", dir)
		}
	}
}
