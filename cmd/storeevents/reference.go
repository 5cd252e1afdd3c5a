package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"store-events/deploy"
)

// newReference returns the hidden command that writes the documentation of all
// commands, for `make man` and docs/cli.md.
func newReference() *cobra.Command {
	var manDir string
	cmd := &cobra.Command{
		Use:         "reference",
		Short:       "Write the reference of all commands as Markdown, or as man pages",
		Args:        noArguments,
		Hidden:      true,
		Annotations: anywhere(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			root := cmd.Root()
			forgetEnvironment(root)
			if manDir != "" {
				return writeManPages(root, manDir)
			}
			_, err := fmt.Fprint(cmd.OutOrStdout(), markdown(root))
			return err
		},
	}
	cmd.Flags().StringVar(&manDir, "man", "", "folder to write man pages into")
	return cmd
}

// forgetEnvironment sets the global flags to their defaults without environment
// variables, so that the reference is reproducible.
func forgetEnvironment(root *cobra.Command) {
	for name, value := range map[string]string{"stack": deploy.LocalStack, "state": "", "port": "0"} {
		root.Flag(name).DefValue = value
	}
}

func writeManPages(root *cobra.Command, dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("folder of the man pages: %w", err)
	}
	date := time.Unix(0, 0).UTC() // Reproducible: the default is the current date.
	root.DisableAutoGenTag = true
	header := &doc.GenManHeader{Section: "1", Source: "store-events", Manual: "store-events", Date: &date}
	return doc.GenManTree(root, header, dir)
}

// markdown returns the reference of the commands as one page, in the order of the
// help.
func markdown(root *cobra.Command) string {
	var b strings.Builder
	b.WriteString("# Command line\n\n<!-- Written by go test ./tests/docs -run TestCommandReference -update -->\n\n")
	fmt.Fprintf(&b, "%s\n\n", root.Long)
	b.WriteString("These flags work with every command:\n\n")
	writeFlags(&b, root.PersistentFlags())
	b.WriteString("\n`storeevents completion SHELL` prints a script that completes commands, flags and values;\n" +
		"`storeevents completion SHELL --help` describes how to load it. `make man` writes man pages into `bin/man`.\n")
	for _, c := range root.Commands() {
		writeCommand(&b, c)
	}
	return b.String()
}

func writeCommand(b *strings.Builder, c *cobra.Command) {
	if !c.IsAvailableCommand() || addedByCobra(c) {
		return
	}
	fmt.Fprintf(b, "\n## %s\n\n%s.\n", c.CommandPath(), c.Short)
	if c.HasSubCommands() {
		if c.Long != "" {
			fmt.Fprintf(b, "\n%s\n", c.Long)
		}
		for _, sub := range c.Commands() {
			writeCommand(b, sub)
		}
		return
	}
	fmt.Fprintf(b, "\n```text\n%s\n```\n", c.UseLine())
	if c.Long != "" {
		fmt.Fprintf(b, "\n%s\n", c.Long)
	}
	if c.HasAvailableLocalFlags() {
		b.WriteString("\n")
		writeFlags(b, c.LocalNonPersistentFlags())
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\n```sh\n%s\n```\n", unindent(c.Example))
	}
}

func writeFlags(b *strings.Builder, flags *pflag.FlagSet) {
	b.WriteString("| flag | meaning |\n| --- | --- |\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "`--" + f.Name + "`"
		if f.Shorthand != "" {
			name = "`-" + f.Shorthand + "`, " + name
		}
		kind, usage := pflag.UnquoteUsage(f)
		if kind != "" {
			name += " " + kind
		}
		fmt.Fprintf(b, "| %s | %s |\n", name, strings.ReplaceAll(usage, "|", `\|`)+defaultText(f, usage))
	})
}

// defaultText returns the default of a flag, unless it is empty or the usage contains it.
func defaultText(f *pflag.Flag, usage string) string {
	switch f.DefValue {
	case "", "0", "false", "[]", "0s":
		return ""
	}
	if strings.Contains(usage, "default") {
		return ""
	}
	return " (default `" + f.DefValue + "`)"
}

func unindent(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		lines = append(lines, strings.TrimPrefix(line, "  "))
	}
	return strings.Join(lines, "\n")
}
