package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// anywhereKey marks commands that work outside the project.
const anywhereKey = "anywhere"

func anywhere() map[string]string { return map[string]string{anywhereKey: "true"} }

// worksAnywhere reports whether the command needs no project: it is marked, or Cobra
// has added it. Completion finds the project itself if necessary.
func worksAnywhere(cmd *cobra.Command) bool {
	if cmd.Annotations[anywhereKey] != "" || cmd.HasParent() && addedByCobra(cmd.Parent()) {
		return true
	}
	return addedByCobra(cmd) || cmd.Name() == cobra.ShellCompRequestCmd || cmd.Name() == cobra.ShellCompNoDescRequestCmd
}

func addedByCobra(cmd *cobra.Command) bool { return cmd.Name() == "help" || cmd.Name() == "completion" }

// refuseUnknownCommands makes the root and command groups fail on an unknown subcommand. By
// default, Cobra prints a group's help and succeeds, as the root does for an empty name.
func refuseUnknownCommands(c *cobra.Command) {
	for _, sub := range c.Commands() {
		refuseUnknownCommands(sub)
	}
	if c.Runnable() || !c.HasSubCommands() {
		return
	}
	c.Annotations = anywhere()
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(c, args[0])
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

// refuseUnknownTopics makes `help` fail on an unknown command. By default, Cobra prints the help
// of the root and succeeds.
func refuseUnknownTopics(root *cobra.Command) {
	for _, c := range root.Commands() {
		if c.Name() != "help" {
			continue
		}
		c.Run = nil
		c.RunE = func(_ *cobra.Command, args []string) error {
			topic, rest, err := root.Find(args)
			if err != nil {
				return err
			}
			if len(rest) > 0 {
				return unknownCommand(topic, rest[0])
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		}
	}
}

// noArguments refuses arguments. Cobra's NoArgs reports the first as an unknown command.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%q: %s accepts no arguments", args[0], cmd.CommandPath())
	}
	return nil
}

// unknownCommand returns the error that Cobra returns for an unknown command of a root without Args.
func unknownCommand(parent *cobra.Command, word string) error {
	text := fmt.Sprintf("unknown command %q for %q", word, parent.CommandPath())
	if parent.SuggestionsMinimumDistance <= 0 {
		parent.SuggestionsMinimumDistance = 2 // Cobra sets it only for the root.
	}
	if suggestions := parent.SuggestionsFor(word); word != "" && len(suggestions) > 0 { // Every name begins with "".
		text += "\n\nDid you mean this?\n\t" + strings.Join(suggestions, "\n\t") + "\n"
	}
	return errors.New(text)
}

// otherNames are the names of commands in other tools, for suggestions.
var otherNames = map[string][]string{
	"up":         {"deploy", "apply", "create", "update"},
	"down":       {"destroy", "delete", "remove", "teardown"},
	"preview":    {"plan", "diff"},
	"produce":    {"generate", "send"},
	"ingest":     {"load", "etl"},
	"query":      {"sql", "mysql"},
	"quarantine": {"errors", "rejected", "dlq"},
	"backfill":   {"reload", "reprocess"},
	"verify":     {"check", "reconcile"},
	"local":      {"emulator", "start", "stop"},
	"doctor":     {"diagnose"},
	"runs":       {"history", "logs"},
	"ui":         {"console", "dashboard", "web"},
}

func suggestOtherNames(root *cobra.Command) {
	for _, c := range root.Commands() {
		c.SuggestFor = append(c.SuggestFor, otherNames[c.Name()]...)
	}
}
