package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
)

// print writes a command's result: the value as a JSON document, or the text, according to --output.
func (c *cli) print(value any, text string) error {
	if c.output == "json" {
		enc := json.NewEncoder(c.out)
		enc.SetIndent("", "  ")
		return enc.Encode(value)
	}
	if _, err := io.WriteString(c.out, text); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// fail reports a command's error on stderr, and with --output json as a JSON document on stdout too.
func (c *cli) fail(err error) {
	if c.output == "json" {
		_ = json.NewEncoder(c.out).Encode(map[string]string{"error": err.Error()}) // The error cannot be reported.
	}
	_, _ = fmt.Fprintln(c.err, "localaws:", printable(err.Error()))
}

// printable replaces control characters, because any caller of the local AWS can choose names.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || r == '\n' || r == '\t' {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// noArguments rejects arguments. The error of Cobra's NoArgs calls the first one an unknown command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q: %s takes no argument", args[0], cmd.CommandPath())
	}
	return nil
}
