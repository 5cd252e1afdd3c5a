// Command policy measures what the policy pack adds to a preview of the program.
//
//	go run ./bench/policy [--stack prod] [--runs 5] [--output text|json]
//
// It previews the whole program of a stack that doesn't exist yet, as
// `storeevents preview --offline` does: the real engine and providers against an
// empty local AWS. Previews with and without the pack alternate, so
// that other load on the machine affects both. Progress goes to standard
// error, the result to standard output.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench/policy:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("policy", flag.ContinueOnError)
	flags.SetOutput(stderr)
	stack := flags.String("stack", "prod", "stack whose settings are used")
	runs := flags.Int("runs", 5, "previews of each kind")
	output := flags.String("output", "text", "format of the result: text or json")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *output != "text" && *output != "json" || *runs < 1 {
		return fmt.Errorf("--output %s --runs %d: use text or json, and at least one run", *output, *runs)
	}
	r, err := measure(ctx, *stack, *runs, stderr)
	if err != nil {
		return err
	}
	if *output == "json" {
		encoder := json.NewEncoder(stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(r)
	}
	return r.Write(stdout)
}
