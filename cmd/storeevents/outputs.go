package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

func newOutputs(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "outputs",
		Short: "Print the stack's outputs",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			outputs, err := a.outputs(cmd.Context())
			if err != nil {
				return err
			}
			return a.print(outputs, func(w *page) { writeOutputs(w, outputs) })
		},
	}
}

func writeOutputs(w *page, outputs map[string]any) {
	var rows [][]string
	for _, k := range slices.Sorted(maps.Keys(outputs)) {
		rows = append(rows, []string{k, outputText(outputs[k])})
	}
	writeTable(w, []string{"OUTPUT", "VALUE"}, rows)
}

// outputText is an output for people. Several values are listed by name.
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
