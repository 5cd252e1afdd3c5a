// Command setup sets up the tools that the pipeline needs on this machine.
//
//	go run ./tools/setup [--output text|json] [--all] [step ...]
//	go run ./tools/setup [--output text|json] doctor
//
// Without steps it sets up everything. It uses tools on PATH and in the cache. Progress
// goes to standard error, the result to standard output. The doctor only checks the
// machine; `storeevents doctor` does the same, once it is built.
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
	"syscall"
	"time"

	"golang.org/x/term"

	"store-events/tools/setup/doctor"
	"store-events/tools/setup/toolchain"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "setup:", err)
		stop()
		os.Exit(1) //nolint:gocritic // stop was called
	}
}

// result is the output of --output json.
type result struct {
	Seconds float64           `json:"seconds"`
	Steps   []toolchain.Event `json:"steps"`
	Paths   toolchain.Paths   `json:"paths"`
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("setup", flag.ContinueOnError)
	flags.SetOutput(stderr)
	output := flags.String("output", "text", "format of the result: text or json")
	all := flags.Bool("all", false, "build everything, including tools on PATH")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *output != "text" && *output != "json" {
		return fmt.Errorf("--output %s: must be text or json", *output)
	}
	if flags.Arg(0) == "doctor" {
		return diagnose(ctx, *output, stdout)
	}
	began := time.Now()
	var res result
	progress := toolchain.NewProgress(stderr, isTerminal(stderr))
	paths, err := toolchain.Ensure(ctx, toolchain.Options{IgnorePath: *all, Progress: func(e toolchain.Event) {
		res.Steps = append(res.Steps, e)
		progress.Event(e)
	}}, flags.Args()...)
	progress.Close()
	if err != nil {
		return err
	}
	res.Paths, res.Seconds = paths, time.Since(began).Round(100*time.Millisecond).Seconds()
	if *output == "json" {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(res)
	}
	_, err = fmt.Fprintf(stdout, "Set up in %.1f s.\n", res.Seconds)
	return err
}

// diagnose prints the findings of the doctor.
func diagnose(ctx context.Context, output string, stdout io.Writer) error {
	project, _ := toolchain.Project() // Without a project, less is checked.
	findings := doctor.Run(ctx, doctor.Options{ProjectDir: project})
	if err := doctor.Write(stdout, findings, output == "json"); err != nil {
		return err
	}
	if doctor.Failed(findings) {
		return errors.New("`make demo` would fail: fix the errors above")
	}
	return nil
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(f.Fd()))
}
