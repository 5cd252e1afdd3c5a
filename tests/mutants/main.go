// Command mutants mutates the project's Go code, one fault at a time, and reports the
// mutants that survive the tests. All mutants of a package are compiled into one test
// binary, and an environment variable selects one of them (package mutant): compiling
// and linking each separately would take hours with the AWS SDK of Pulumi.
//
// It changes constants, conditions and operators, and removes statements, fields of
// structs, entries, elements and resource options. It does not mutate text for people,
// such as descriptions, logs and error messages, or main functions, which tests do not
// call.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"store-events/program/project"
	"strings"
	"time"
)

// target is packages that are mutated together, and the packages whose tests should fail.
type target struct {
	name     string
	packages []string
	tests    []string
	// skip is a pattern of tests that are slow, or whose subject has no mutants.
	skip string
}

// targets are all packages with mutants. By default the tests of the package are run.
var targets = []target{
	{name: "components", skip: "TestFirstStartLogsInOnce|TestQueryHelper"}, // Tests of a shell script.
	{name: "config"},
	{name: "schema"},
	{name: "lambda/producer"},
	{name: "lambda/producer/internal/batch"},
	{name: "lambda/producer/internal/config"},
	{name: "lambda/producer/internal/event"},
	{name: "lambda/producer/internal/run"},
	{name: "lambda/producer/internal/upload"},
	{name: "lambda/producerapi"},
	{name: "lambda/rdstls"},
	{
		name:     "lambda/rotation",
		packages: []string{"./lambda/rotation/internal/..."},
		tests:    []string{"lambda/rotation/internal/login", "lambda/rotation/internal/dbuser", "lambda/rotation/internal/rotate"},
		skip:     "TestRotation", // With a real database, 20 seconds for each mutant.
	},
	{name: "policy/matcher"},
	{name: "policy/iampolicy"},
	{name: "policy/value"},
	{name: "policy/vpcgraph"},
	{
		name: "policy/rule",
		tests: []string{
			"policy/rule", "policy/pack", "policy/cmd/configgen", "policy/rules/iam", "policy/rules/lambda", "policy/rules/network",
			"policy/rules/rds", "policy/rules/s3", "policy/rules/secret",
		},
	},
	{name: "policy/rules/athena"},
	{name: "policy/rules/compute"},
	{name: "policy/rules/cost"},
	{name: "policy/rules/general"},
	{name: "policy/rules/glue"},
	{name: "policy/rules/iam"},
	{name: "policy/rules/kms"},
	{name: "policy/rules/lambda"},
	{name: "policy/rules/network"},
	{name: "policy/rules/observability"},
	{name: "policy/rules/rds"},
	{name: "policy/rules/s3"},
	{name: "policy/rules/secret"},
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out, progress io.Writer) error {
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	output := flags.String("output", "text", "text or json")
	only := flags.String("packages", "", "the packages to mutate, separated by commas; empty means all")
	least := flags.Float64("least", 90, "fail below this share of killed mutants in a package, in percent; mutants in justified.go do not count")
	skip := flags.String("skip", "", "a pattern of tests to skip, as in go test -skip")
	sample := flags.Int("sample", 0, "check at most this number of mutants of a package, spread evenly; 0 is all")
	jobs := flags.Int("jobs", runtime.NumCPU(), "number of concurrent test runs")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen, err := choose(*only)
	if err != nil {
		return err
	}
	root, err := project.Find(".")
	if err != nil {
		return err
	}
	checked := out
	if *output == "json" {
		checked = progress
	}
	var results []result
	for _, t := range chosen {
		r, err := t.measure(ctx, root, options{*jobs, *sample, *skip, grace, progress})
		if err != nil {
			return err
		}
		results = append(results, r)
		if err := errors.Join(r.list(checked), table(checked, r)); err != nil { // Print immediately: all packages take an hour.
			return err
		}
	}
	switch {
	case *output == "json":
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(results)
	case len(results) > 1:
		err = table(out, results...)
	}
	if err != nil {
		return err
	}
	return enough(results, *least)
}

func choose(only string) ([]target, error) {
	if only == "" {
		return targets, nil
	}
	var chosen []target
	for _, name := range strings.Split(only, ",") {
		i := slices.IndexFunc(targets, func(t target) bool { return t.name == name })
		if i < 0 {
			return nil, fmt.Errorf("no package %s with mutants", name)
		}
		chosen = append(chosen, targets[i])
	}
	return chosen, nil
}

type options struct {
	jobs     int
	sample   int           // 0 is all mutants.
	skip     string        // A pattern of tests.
	grace    time.Duration // The timeout of a test run is this plus a multiple of its usual time.
	progress io.Writer
}

// measure mutates a target and runs its tests.
func (t target) measure(ctx context.Context, root string, o options) (result, error) {
	folder, err := os.MkdirTemp("", "mutants-")
	if err != nil {
		return result{}, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	packages, tests := t.packages, t.tests
	if packages == nil {
		packages = []string{"./" + t.name}
	}
	if tests == nil {
		tests = []string{t.name}
	}
	start := time.Now()
	m, err := mutate(root, folder, packages)
	if err != nil {
		return result{}, err
	}
	var binaries []*binary
	for _, pkg := range tests {
		b := &binary{pkg: pkg, skip: either(t.skip, o.skip), grace: o.grace}
		if err := b.compile(ctx, root, folder, m); err != nil {
			return result{}, err
		}
		binaries = append(binaries, b)
	}
	sites := spread(m.sites, o.sample)
	outcomes, err := checkAll(ctx, binaries, sites, o.jobs, func(done int) {
		if done%100 == 0 || done == len(sites) {
			_, _ = fmt.Fprintf(o.progress, "%s: %d of %d mutants\n", t.name, done, len(sites))
		}
	})
	if err != nil {
		return result{}, err
	}
	r := newResult(t.name, sites, outcomes, reasonsFor(sites))
	r.Seconds, r.Total = time.Since(start).Seconds(), len(m.sites)
	if len(sites) < len(m.sites) {
		r.unused = nil // Their mutants may not be in the sample.
	}
	return r, nil
}

// spread returns at most n sites, spread evenly; all if n is 0.
func spread(sites []site, n int) []site {
	if n == 0 || n >= len(sites) {
		return sites
	}
	chosen := make([]site, n)
	for i := range chosen {
		chosen[i] = sites[i*len(sites)/n]
	}
	return chosen
}

// either returns a pattern that matches if one of two patterns matches.
func either(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "|" + b
}
