package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"store-events/deploy"
)

func newUp(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Create or update the stack",
		Long: `Create or update the stack's resources, checked by the policy pack. A local stack's AWS is started first.

With --as the provider assumes a role for every call, as a deployment by a deploy
role does. On this machine the role must exist in the local AWS and trust the
account; the update then ends with the policy that the role needed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var r upResult
			var err error
			r.Policy, err = a.needed(cmd.Context(), func() (err error) {
				r.Result, err = a.up(cmd.Context())
				return err
			})
			if err != nil {
				return err
			}
			return a.print(r, r.write)
		},
	}
	a.asFlag(cmd)
	return cmd
}

func (a *app) up(ctx context.Context) (deploy.Result, error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return deploy.Result{}, err
	}
	if _, err := a.started(ctx); err != nil {
		return deploy.Result{}, err
	}
	d, err := a.open(ctx, nil)
	if err != nil {
		return deploy.Result{}, err
	}
	if cfg.Common.ProtectData { // What would replace data is refused before anything is changed.
		if r, err := d.Preview(ctx); err != nil {
			return r, err
		}
	}
	return d.Up(ctx)
}

func newPreview(a *app) *cobra.Command {
	var offline, expectNoChanges bool
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "Show what an update would change, checked by the policy pack",
		Long: `Show what an update would change, and what the policy pack reports.

With --offline a stack of AWS is previewed without account, credentials or
network: the real engine and provider code against an empty AWS on this machine.`,
		Example: "  storeevents preview --stack prod --offline",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.preview(cmd.Context(), offline)
			if err != nil {
				return err
			}
			if err := a.print(r, func(w *page) { writeResult(w, r) }); err != nil {
				return err
			}
			if expectNoChanges && r.Changed() {
				return &reportedError{errors.New("the preview has changes, but none were expected")}
			}
			return nil
		},
	}
	a.asFlag(cmd)
	cmd.Flags().BoolVar(&offline, "offline", false, "preview against an empty AWS on this machine")
	cmd.Flags().BoolVar(&a.refresh, "refresh", false, "compare with what exists on AWS, not with the last update")
	cmd.Flags().BoolVar(&expectNoChanges, "expect-no-changes", false, "fail if anything would change")
	return cmd
}

func (a *app) preview(ctx context.Context, offline bool) (deploy.Result, error) {
	if offline {
		if a.as != "" {
			return deploy.Result{}, errors.New("--as names a role of an account, and --offline has none")
		}
		return a.offline(ctx, func(d *deploy.Deployment) (deploy.Result, error) { return d.Preview(ctx) })
	}
	if _, err := a.started(ctx); err != nil {
		return deploy.Result{}, err
	}
	d, err := a.open(ctx, nil)
	if err != nil {
		return deploy.Result{}, err
	}
	return d.Preview(ctx)
}

func newOutputs(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "outputs",
		Short: "Print the stack's outputs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outputs, err := a.outputs(cmd.Context())
			if err != nil {
				return err
			}
			return a.print(outputs, func(w *page) { writeOutputs(w, outputs) })
		},
	}
}

// writeResult writes what was changed and what the policies said, a summary, and
// the outputs. The engine's diff of a preview has the policies' words in it.
func writeResult(w *page, r deploy.Result) {
	if r.Diff != "" {
		w.println(r.Diff)
	} else {
		writeViolations(w, r.Violations)
	}
	for _, note := range r.Notes {
		w.println(note)
	}
	for _, loss := range r.DataLoss {
		w.println("WARNING:", loss)
	}
	w.printf("%s of stack %s:", r.Operation, r.Stack)
	for _, op := range slices.Sorted(maps.Keys(r.Changes)) {
		w.printf(" %d %s", r.Changes[op], op)
	}
	w.printf(" (%.1f s)\n", r.Seconds)
	if len(r.Outputs) > 0 {
		writeOutputs(w, r.Outputs)
	}
}

func writeViolations(w *page, violations []deploy.Violation) {
	for _, v := range violations {
		w.printf("%s %s: %s: %s\n", v.Level, v.Policy, v.Resource, v.Message)
	}
}

// outputText is an output for people; of several values one after the other, by
// their names.
func outputText(value any) string {
	several, ok := value.(map[string]any)
	if !ok {
		return fmt.Sprint(value)
	}
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(several)) {
		texts = append(texts, fmt.Sprintf("%s: %v", name, several[name]))
	}
	return strings.Join(texts, ", ")
}

func writeOutputs(w *page, outputs map[string]any) {
	var rows [][]string
	for _, k := range slices.Sorted(maps.Keys(outputs)) {
		rows = append(rows, []string{k, outputText(outputs[k])})
	}
	writeTable(w, []string{"OUTPUT", "VALUE"}, rows)
}
