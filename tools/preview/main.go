// Command preview previews a stack of any Pulumi project with a policy pack, and
// prints the result as JSON for previewcomment:
//
//	preview -project DIR -stack NAME [-policy-pack DIR]
//
// It runs the pulumi CLI on PATH, with the user's backend and credentials. A failed preview
// is printed as well, with exit status 1.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"store-events/deploy"
)

// result is the output.
type result struct {
	deploy.Result
	// Error is the reason why an update would fail.
	Error string `json:"error,omitempty"`
}

func main() {
	var o deploy.Options
	flag.StringVar(&o.ProjectDir, "project", ".", "folder of the Pulumi project")
	flag.StringVar(&o.Stack, "stack", "", "stack to preview")
	pack := flag.String("policy-pack", "", "folder of a policy pack; empty means no pack")
	flag.Parse()
	if err := run(context.Background(), os.Stdout, o, *pack); err != nil {
		fmt.Fprintln(os.Stderr, "preview:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer, o deploy.Options, pack string) error {
	if o.Stack == "" {
		return errors.New("-stack: is missing")
	}
	dir, err := filepath.Abs(o.ProjectDir)
	if err != nil {
		return err
	}
	o.ProjectDir, o.Environ, o.Pulumi = dir, os.Environ(), "pulumi"
	if pack != "" {
		if pack, err = filepath.Abs(pack); err != nil {
			return err
		}
		o.PolicyPacks = []string{pack}
	}
	r, err := preview(ctx, o)
	printed := result{Result: r}
	if err != nil {
		printed.Error = err.Error()
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	return errors.Join(err, encoder.Encode(printed))
}

func preview(ctx context.Context, o deploy.Options) (deploy.Result, error) {
	d, err := deploy.Open(ctx, o)
	if err != nil {
		return deploy.Result{Stack: o.Stack, Operation: "preview"}, err
	}
	return d.Preview(ctx)
}
