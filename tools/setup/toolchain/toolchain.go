// Package toolchain sets up the tools that run the pipeline on one machine: the
// Pulumi CLI, its providers, the policy pack, a Python environment, Spark's
// jars and a database server. What the machine has on PATH is used; the rest is
// fetched and built by the ordinary clients of each ecosystem (go, pip, mvn, apt),
// with the user's own settings for them, into one cache folder.
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
)

// Options are the folders to use. The zero value is right for a program that runs
// inside the project.
type Options struct {
	// CacheDir is the folder that Ensure fills. Default: STORE_EVENTS_CACHE, or
	// store-events in the user's cache folder.
	CacheDir string
	// ProjectDir is the project's checkout. Default: the nearest parent of the
	// working directory that is one.
	ProjectDir string
	// IgnorePath builds everything, whatever PATH has.
	IgnorePath bool
	// Progress is called for each change of a step's state, one call at a time.
	Progress func(Event)
}

// Paths are the tools that a set-up machine has.
type Paths struct {
	// Pulumi is the Pulumi CLI.
	Pulumi string `json:"pulumi"`
	// PluginDir holds the providers that were built here. It is meant for the
	// end of PATH, so that a provider of the user's own wins.
	PluginDir string `json:"pluginDir"`
	// PolicyDir is the folder of the built policy pack and PolicyPack its
	// executable, which is what --policy-pack takes.
	PolicyDir  string `json:"policyDir"`
	PolicyPack string `json:"policyPack"`
	// Python has Spark and what the tests need. Ministack is the emulator, which has its own Python environment.
	Python    string `json:"python"`
	Ministack string `json:"ministack"`
	// GluePython runs jobs: it has the packages of Glue and nothing else.
	GluePython string `json:"gluePython"`
	// Python6, Glue6Python and Glue6JarsDir are the same for Glue 6.0, which is set up
	// only by name: Python, GluePython and JarsDir.
	Python6      string `json:"python6"`
	Glue6Python  string `json:"glue6Python"`
	Glue6JarsDir string `json:"glue6JarsDir"`
	// AwsglueWheels holds AWS's own awsglue of both versions; it is set up with Glue 6.0.
	AwsglueWheels string `json:"awsglueWheels"`
	// JavaHome is a Java 17 runtime.
	JavaHome string `json:"javaHome"`
	// JarsDir holds the jars that Spark needs besides its own.
	JarsDir string `json:"jarsDir"`
	// Database is the folder of the database server to run, see package dbserver.
	Database string `json:"database"`
	// MariaDB is the folder of a MariaDB server, if that was set up by name or
	// because there is no MySQL.
	MariaDB string `json:"mariaDB"`
	// LocalAWSTools is the file that names the tools of the local AWS to its own command line.
	LocalAWSTools string `json:"localAWSTools"`
	// StoreEvents is the project's command line.
	StoreEvents string `json:"storeevents"`
}

// Ensure sets up the named steps and those they need; none named means all.
// It runs them concurrently, skips those that are done, and waits for another
// set-up of the same cache. The first failure stops the rest; it is a *StepError.
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
	if err := t.run(ctx, chosen); err != nil {
		return Paths{}, err
	}
	if len(chosen) == len(t.steps()) {
		err = t.writeManifest(ctx)
	}
	return t.paths(ctx), err
}

// Resolve finds what Ensure set up, without building anything; no names mean
// all steps. Its error names what is missing.
func Resolve(ctx context.Context, opts Options, names ...string) (Paths, error) {
	r, err := NewResolver(opts)
	if err != nil {
		return Paths{}, err
	}
	return r.Resolve(ctx, names...)
}

// Resolver is Resolve for several calls: it looks for a tool of the machine once.
type Resolver struct{ toolchain *toolchain }

// NewResolver finds the folders and looks for no tool yet.
func NewResolver(opts Options) (*Resolver, error) {
	t, err := newToolchain(opts)
	return &Resolver{t}, err
}

// Resolve finds what Ensure set up; no names mean all steps. Its error names what is missing.
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

// InstallCommand says how to set up a step that `make setup` leaves out.
func InstallCommand(step string) string { return "run `go run ./tools/setup " + step + "`" }

// toolchain is the state of one call.
type toolchain struct {
	cache, project string
	ignorePath     bool
	report         *reporter
	// named are the steps that were asked for by name.
	named map[string]bool
	finds *finds
}

// finds are what the machine has, by the step that it is for. To ask a Pulumi CLI for its
// version takes a third of a second.
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
		if t.project, err = findProject(); err != nil {
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

// findProject looks for the checkout from the working directory upwards.
func findProject() (string, error) {
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
