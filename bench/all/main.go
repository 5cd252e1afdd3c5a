// Command all runs the benchmarks in order and writes the results, or compares
// them with the baseline. See docs/benchmarks.md.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"time"

	"store-events/bench/results"
)

// size is an amount of work to measure.
type size struct {
	name, command string
	load, curves  []string // Options of bench/load/run and bench/curves/run.
	growth        []string
}

var (
	tiny = size{
		results.Tiny, "go run ./bench/all -size tiny",
		[]string{"--rows", "20000", "--append-rows", "4000", "--repeats", "1"},
		[]string{"--size", "tiny"},
		[]string{"--rows", "200000", "--commit", "50000"},
	}
	small = size{
		"small", "make bench",
		[]string{"--rows", "800000", "--append-rows", "40000", "--repeats", "5"},
		[]string{"--size", "small"},
		[]string{"--rows", "2000000", "--commit", "250000"},
	}
	full = size{
		"full", "make bench-full",
		[]string{"--rows", "1000000", "--append-rows", "100000", "--repeats", "5"},
		[]string{"--size", "large", "--repeats", "5"},
		[]string{"--rows", "10000000", "--commit", "500000"},
	}
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		slog.Error("bench", "error", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	name := flag.String("size", "small", "how much to measure: tiny, small or full")
	check := flag.Bool("check", false, "compare with the baseline, and write nothing")
	tolerance := flag.Float64("tolerance", 0.25, "share by which a ratio may be worse than the baseline's")
	flag.Parse()
	sizes := []size{tiny, small, full}
	i := slices.IndexFunc(sizes, func(s size) bool { return s.name == *name })
	if i < 0 {
		return fmt.Errorf("-size %q: must be tiny, small or full", *name)
	}
	s := sizes[i]
	measured, err := measure(ctx, s)
	if err != nil {
		return err
	}
	if *check {
		baseline, err := results.Read(results.Baseline)
		if err != nil {
			return err
		}
		worse, compared := results.Compare(baseline.Ratios(), measured.Ratios(), *tolerance)
		return results.Report(os.Stdout, worse, compared, *tolerance)
	}
	if s.name == small.name {
		if err := measured.Write(results.Baseline); err != nil {
			return err
		}
	}
	return measured.Write(results.Measured)
}

func measure(ctx context.Context, s size) (*results.Results, error) {
	r := &results.Results{Command: s.command, Size: s.name}
	for _, one := range []struct {
		program string
		options []string
		result  any
	}{
		{"./bench/load/run", s.load, &r.Load},
		{"./bench/curves/run", s.curves, &r.Curves},
		{"./bench/growth/run", append(s.growth, "--loads-only"), &r.Growth},
	} {
		if err := runJSON(ctx, one.program, one.options, one.result); err != nil {
			return nil, err
		}
	}
	r.Date = time.Now().UTC().Format(time.DateOnly)
	return r, nil
}

// runJSON runs a benchmark and decodes the JSON that it prints.
func runJSON(ctx context.Context, program string, options []string, result any) error {
	start := time.Now()
	command := exec.CommandContext(ctx, program, append(options, "--output", "json")...) //nolint:gosec // The programs are named in this file.
	command.Stderr = os.Stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	out, err := command.Output()
	if err != nil {
		return fmt.Errorf("%s: %w", program, err)
	}
	if err := json.Unmarshal(out, result); err != nil {
		return fmt.Errorf("%s did not print its result as JSON: %w", program, err)
	}
	slog.Info("measured", "benchmark", program, "seconds", time.Since(start).Round(time.Second).Seconds())
	return nil
}
