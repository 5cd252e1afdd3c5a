package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
)

func newOutputs(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "outputs [NAME]",
		Short: "Print the stack's outputs, or the value of one",
		Long: `Print the stack's outputs. With a name, print only the value of that output, like
"pulumi stack output": a list or map as a JSON document.`,
		Example: `  aws s3 ls "s3://$(storeevents outputs StoreEventsBucket)"`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			outputs, err := a.outputs(cmd.Context())
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return a.printOutput(outputs, args[0])
			}
			return a.print(outputs, func(w *page.Page) { writeOutputs(w, outputs) })
		},
	}
}

// printOutput prints the value of one output.
func (a *app) printOutput(outputs map[string]any, name string) error {
	value, exists := outputs[name]
	if !exists {
		return fmt.Errorf("no output %q; use one of %s", name, strings.Join(slices.Sorted(maps.Keys(outputs)), ", "))
	}
	text, single := value.(string)
	if !single {
		document, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("output %s: %w", name, err)
		}
		text = string(document)
	}
	return a.print(value, func(w *page.Page) { w.Println(text) })
}

func writeOutputs(w *page.Page, outputs map[string]any) {
	var rows [][]string
	for _, k := range slices.Sorted(maps.Keys(outputs)) {
		rows = append(rows, []string{k, outputText(outputs[k])})
	}
	w.Table([]string{"OUTPUT", "VALUE"}, rows)
}

// outputText returns an output for people. Maps are sorted by name.
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
