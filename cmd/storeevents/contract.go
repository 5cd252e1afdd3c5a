package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/schema"
	"store-events/schema/compare"
	"store-events/schema/export"
)

// contractFile is the contract in the repository.
const contractFile = "schema/contract.json"

func newContract(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "contract", Short: "Compare and export the contract of the events"}
	cmd.AddCommand(newContractDiff(a), newContractExport(a))
	return cmd
}

// contractDiff is what `contract diff` prints.
type contractDiff struct {
	Old      string           `json:"old"`
	New      string           `json:"new"`
	Breaking bool             `json:"breaking"`
	Changes  []compare.Change `json:"changes"`
}

func newContractDiff(a *app) *cobra.Command {
	var failOn string
	cmd := &cobra.Command{
		Use:   "diff [OLD] [NEW]",
		Short: "Show what a contract change breaks, and for whom",
		Long: `Compare two contracts, each a file or a git revision: by default the last commit
with the working tree. For each change the command prints the effect on the producer,
the catalog, the table, the Parquet and the consumers, and whether it breaks them.
With --fail-on breaking the command fails if a change breaks something, with
--fail-on any if there is any change.`,
		Example: "  storeevents contract diff\n  storeevents contract diff main --fail-on breaking",
		Args:    cobra.MaximumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if failOn != "" && failOn != "breaking" && failOn != "any" {
				return fmt.Errorf("--fail-on %q: must be breaking or any", failOn)
			}
			d, err := a.contractDiff(cmd.Context(), args)
			if err != nil {
				return err
			}
			if err := a.print(d, d.write); err != nil {
				return err
			}
			if d.Breaking && failOn == "breaking" || len(d.Changes) > 0 && failOn == "any" {
				return &reportedError{errors.New("the contract has changes that --fail-on " + failOn + " refuses")}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&failOn, "fail-on", "", "fail on changes: breaking or any")
	return cmd
}

func (a *app) contractDiff(ctx context.Context, args []string) (contractDiff, error) {
	d := contractDiff{Old: "HEAD", New: filepath.Join(a.project, contractFile)}
	if len(args) > 0 {
		d.Old = args[0]
	}
	if len(args) > 1 {
		d.New = args[1]
	}
	from, err := a.readContract(ctx, d.Old)
	if err != nil {
		return d, err
	}
	to, err := a.readContract(ctx, d.New)
	if err != nil {
		return d, err
	}
	d.Changes = append([]compare.Change{}, compare.Contracts(from, to)...) // JSON has a list, never null.
	d.Breaking = compare.Breaking(d.Changes)
	return d, nil
}

// readContract reads a contract from a file, or from a revision of the project.
func (a *app) readContract(ctx context.Context, from string) (schema.Contract, error) {
	text, err := os.ReadFile(from) //nolint:gosec // The user names it.
	if errors.Is(err, fs.ErrNotExist) && !strings.HasPrefix(from, "-") {
		text, err = a.atRevision(ctx, from)
	}
	if err != nil {
		return schema.Contract{}, err
	}
	c, err := schema.Parse(text)
	if err != nil {
		return c, fmt.Errorf("%s: %w", from, err)
	}
	return c, nil
}

func (a *app) atRevision(ctx context.Context, revision string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", "-C", a.project, "show", revision+":./"+contractFile) //nolint:gosec // A revision, not an option.
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	text, err := cmd.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, fmt.Errorf("read %s of revision %s: git is not on PATH: install it, or name a file", contractFile, revision)
	}
	if err != nil {
		return nil, fmt.Errorf("%s is neither a file nor a git revision with %s: %s", revision, contractFile, strings.TrimSpace(stderr.String()))
	}
	return text, nil
}

func (d contractDiff) write(w *page.Page) {
	breaking := 0
	for _, c := range d.Changes {
		kind := w.Green("compatible")
		if c.Breaking() {
			kind = w.Red("breaking")
			breaking++
		}
		w.Raw(kind + "  ")
		w.Println(c.What)
		for _, e := range c.Effects {
			mark := "  "
			if e.Breaking {
				mark = w.Red("! ")
			}
			w.Raw("  " + mark)
			w.Printf("%-10s %s\n", e.Part, e.Text)
		}
	}
	if len(d.Changes) == 0 {
		w.Println("the contract has not changed")
		return
	}
	w.Printf("%s, %d of them breaking\n", plural.Count(len(d.Changes), "change"), breaking)
}

func newContractExport(a *app) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the contract as JSON Schema, or as an Open Data Contract",
		Long: `Print the contract: as JSON Schema (2020-12) of an event, for senders of events, or
as YAML of the Open Data Contract Standard (ODCS 3.1), for readers of the table.
With --output json the Open Data Contract is JSON too. The fields of
store-events:extraColumns of the stack are included.`,
		Example: "  storeevents contract export --format jsonschema > event.schema.json",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.readContract(cmd.Context(), filepath.Join(a.project, contractFile))
			if err != nil {
				return err
			}
			cfg, err := a.checkConfig()
			if err != nil {
				return err
			}
			if c, err = c.WithColumns(cfg.Catalog.ExtraColumns); err != nil {
				return err
			}
			var text []byte
			switch {
			case format == "jsonschema":
				text, err = export.JSONSchema(c) // Always JSON.
			case format == "odcs" && a.output == "json":
				text, err = export.ODCSAsJSON(c, cfg.Etl.TargetTable)
			case format == "odcs":
				text, err = export.ODCS(c, cfg.Etl.TargetTable)
			default:
				return fmt.Errorf("--format %q: must be jsonschema or odcs", format)
			}
			if err != nil {
				return err
			}
			if _, err := a.result().Write(text); err != nil {
				return fmt.Errorf("write the result: %w", err)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&format, "format", "jsonschema", "jsonschema or odcs")
	return cmd
}
