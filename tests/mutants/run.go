package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"store-events/tests/mutants/mutant"
)

// binary is a compiled test package.
type binary struct {
	pkg, skip string // The package, and a pattern of tests to skip.
	path, dir string
	flags     []string
	// limit is the timeout of a run: a multiple of the time without a mutant, plus grace.
	limit, grace time.Duration
	// reaches are the tests that reach a mutant, by its number. Other tests cannot kill it.
	reaches map[int][]string
	// times are the durations of the tests when run separately.
	times map[string]time.Duration
}

// grace is for fast tests: a machine may be busy for seconds.
const grace = 5 * time.Second

// patience is the factor of the limit for a retry after a timeout.
const patience = 4

const noFailFile = "-rapid.nofailfile"

// outcome is the result of the tests for a mutant.
type outcome string

const (
	killed     outcome = "killed"
	timeout    outcome = "timeout"
	survived   outcome = "survived"
	notReached outcome = "not reached"
)

// compile builds the test binary with the mutants and runs it once without one.
func (b *binary) compile(ctx context.Context, project, folder string, m mutated) error {
	overlay, err := json.Marshal(map[string]any{"Replace": m.overlay})
	if err != nil {
		return err
	}
	file := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		return err
	}
	b.path, b.dir = filepath.Join(folder, strings.ReplaceAll(b.pkg, "/", "_")+".test"), filepath.Join(project, b.pkg)
	cmd := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-overlay", file, "-o", b.path, "./"+b.pkg) //nolint:gosec // A package of the project.
	cmd.Dir = project
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compile %s with mutants: %w\n%s", b.pkg, err, out)
	}
	// Property tests would write their counterexamples into the package.
	if help, _ := exec.CommandContext(ctx, b.path, "-help").CombinedOutput(); strings.Contains(string(help), noFailFile) { //nolint:gosec // Just built.
		b.flags = []string{noFailFile}
	}
	return b.baseline(ctx, folder)
}

// baseline runs the tests without a mutant: they must pass. It records their durations,
// and which mutants each of them reaches.
func (b *binary) baseline(ctx context.Context, folder string) error {
	start := time.Now()
	if out, err := b.command(ctx, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("the tests of %s fail without a mutant: %w\n%s", b.dir, err, out)
	}
	b.limit, b.reaches, b.times = b.grace+5*time.Since(start), map[int][]string{}, map[string]time.Duration{}
	names, err := exec.CommandContext(ctx, b.path, "-test.list=^(Test|Fuzz|Example)").Output() //nolint:gosec // Just built.
	if err != nil {
		return fmt.Errorf("list the tests of %s: %w", b.dir, err)
	}
	for _, name := range strings.Fields(string(names)) {
		if err := b.record(ctx, filepath.Join(folder, filepath.Base(b.path)+"."+name), name); err != nil {
			return err
		}
	}
	return nil
}

// record runs one test, and reads the mutants that it reaches from a file.
func (b *binary) record(ctx context.Context, file, test string) error {
	start := time.Now()
	defer func() { b.times[test] = time.Since(start) }()
	if out, err := b.command(ctx, only(test), mutant.Reached+"="+file).CombinedOutput(); err != nil {
		return fmt.Errorf("%s of %s fails alone: %w\n%s", test, b.dir, err, out)
	}
	text, err := os.ReadFile(file) //nolint:gosec // Written by the run above.
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, line := range strings.Fields(string(text)) {
		id, err := strconv.Atoi(line)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		b.reaches[id] = append(b.reaches[id], test)
	}
	return err
}

// only returns a pattern that matches tests of these names.
func only(tests ...string) string { return "^(" + strings.Join(tests, "|") + ")$" }

func (b *binary) command(ctx context.Context, pattern string, environment ...string) *exec.Cmd {
	args := append(slices.Clone(b.flags), "-test.failfast", "-test.run="+pattern, "-test.skip="+b.skip)
	cmd := exec.CommandContext(ctx, b.path, args...) //nolint:gosec // Just built.
	cmd.Dir, cmd.WaitDelay = b.dir, time.Second
	cmd.Env = append(os.Environ(), environment...)
	return cmd
}

// kills runs the tests that reach a mutant: first the faster half, which kills most
// mutants.
func (b *binary) kills(ctx context.Context, id int) (result outcome, err error) {
	tests := slices.Clone(b.reaches[id])
	slices.SortFunc(tests, func(x, y string) int { return cmp.Compare(b.times[x], b.times[y]) })
	quick := (len(tests) + 1) / 2
	for _, some := range [][]string{tests[:quick], tests[quick:]} {
		if len(some) == 0 {
			break
		}
		result, err = b.try(ctx, id, some, b.limit)
		if result == timeout { // The machine may be busy.
			result, err = b.try(ctx, id, some, patience*b.limit)
		}
		if err != nil || result != survived {
			break
		}
	}
	return result, err
}

// try runs some tests with a mutant, for a limited time.
func (b *binary) try(ctx context.Context, id int, tests []string, limit time.Duration) (outcome, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := b.command(limited, only(tests...), mutant.Active+"="+strconv.Itoa(id)).Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case limited.Err() != nil:
		return timeout, nil
	case err == nil:
		return survived, nil
	case errors.As(err, &exit):
		return killed, nil
	default:
		return "", err
	}
}

// check runs the tests that reach a mutant until one kills it.
func check(ctx context.Context, tests []*binary, id int) (outcome, error) {
	result := notReached
	for _, b := range tests {
		if len(b.reaches[id]) == 0 {
			continue
		}
		var err error
		if result, err = b.kills(ctx, id); err != nil || result != survived {
			return result, err
		}
	}
	return result, nil
}

// checkAll runs the tests for all mutants, several concurrently, and reports progress.
func checkAll(ctx context.Context, tests []*binary, sites []site, jobs int, progress func(done int)) ([]outcome, error) {
	outcomes := make([]outcome, len(sites))
	var done atomic.Int64
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(jobs)
	for i, s := range sites {
		g.Go(func() error {
			var err error
			outcomes[i], err = check(ctx, tests, s.ID)
			progress(int(done.Add(1)))
			return err
		})
	}
	return outcomes, g.Wait()
}
