package main

import (
	"cmp"
	"slices"
	"strings"
)

// step is the advice for errors that contain text. {command} is the failed command,
// {stack} its stack, {table} the stack's table, and {quoted} the string in quotes after the text.
type step struct{ text, next string }

// localSteps are for a local stack, and take precedence.
var localSteps = []step{
	{"the local AWS did not start", "`storeevents doctor` checks the machine; `storeevents down --stack {stack} --force` removes the local stack with its state"},
	{"does not become healthy", "`storeevents doctor` checks the machine; `storeevents down --stack {stack} --force` removes the local stack with its state"},
	{"is damaged: stop the local AWS", "`storeevents local stop --stack {stack}` stops it"},
	{"connection refused", "`storeevents local status --stack {stack}` shows whether the local AWS runs, `storeevents local start --stack {stack}` starts it"},
}

const noSpace = "free some space: `storeevents doctor` shows what is free, `make clean` removes the caches"

// nextSteps are for every stack. The first match is used.
var nextSteps = []step{
	{"unknown command", "`{command} --help` lists the commands"},
	{"unknown flag", "`{command} --help` lists the flags"},
	{"unknown shorthand flag", "`{command} --help` lists the flags"},
	{"flag needs an argument", "`{command} --help` lists the flags"},
	{"invalid argument", "`{command} --help` lists the flags"},
	{"arg(s), received", "`{command} --help` shows the arguments"},
	{"no stack \"", "choose one of them, or write the settings of a new one on AWS with `storeevents init {quoted}`"},
	{".yaml: yaml: ", "correct the file: it has `config:` and below it one line `key: value` for each setting, indented with spaces, as Pulumi.local.yaml has"},
	{"configuration of stack", "Pulumi.yaml describes every setting"},
	{"No space left on device", noSpace},
	{"no space left on device", noSpace},
	{"PULUMI_ACCESS_TOKEN must be set", "log in to the backend of the state: `pulumi login`, or `pulumi login s3://<bucket>` for a bucket"},
	{"failed to refresh cached credentials", "log in to AWS, for example with `aws sso login`; `storeevents doctor` shows which credentials are found"},
	{"get credentials", "log in to AWS, for example with `aws sso login`; `storeevents doctor` shows which credentials are found"},
	{"ExpiredToken", "log in to AWS again, for example with `aws sso login`"},
	{"AccessDenied", "`storeevents preflight --stack {stack}` lists permissions that are missing on AWS, `storeevents local denied --stack {stack}` those on this machine"},
	{"job run ended as", "`storeevents runs log --stack {stack}` shows the last run's log"},
	{"Unknown column", "`storeevents query --stack {stack} \"SHOW COLUMNS FROM {table}\"` lists the columns"},
	{"doesn't exist", "`storeevents query --stack {stack} \"SHOW TABLES\"` lists the tables; the first `storeevents ingest --stack {stack}` creates them"},
	{"differ while this is running", "`storeevents status --stack {stack}` shows when it has ended"},
	{"events, rows and Parquet differ", "docs/operations.md describes what each difference means, and how to repair it"},
	{"accepts no commands", "docs/operations.md describes how to find out why the consumer does not respond"},
	{"the stack is paused", "`storeevents resume --stack {stack}` starts it again"},
	{"Concurrent runs exceeded", "`storeevents status --stack {stack}` shows when the other run has ended"},
	{"is running already", "`storeevents status --stack {stack}` shows when it has ended"},
	{"does not pass:", "each finding says how to fix it; docs/policies.md of store-events lists the rules"},
	{"an update would fail on", "fix what is named above, then run `{command}` again"},
	{"the engine reported errors", "fix what is named above, then run `{command}` again: it continues with the remaining steps"},
	{"deadline exceeded", "`storeevents status --stack {stack}` shows what is still running; then run `{command}` again"},
	{"signal received", "run `{command}` again to continue"},
	{"context canceled", "run `{command}` again to continue"},
}

// suggestedStack returns the value of --stack for a suggested command, with --state if the user has set it: the
// command would otherwise operate, or remove, the stack of another folder.
func (a *app) suggestedStack() string {
	if !a.stateGiven {
		return a.stack
	}
	return a.stack + " --state " + shellQuoted(a.state)
}

// shellQuoted quotes a string for a POSIX shell.
func shellQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// nextStep returns advice for an error of the command, or "" if there is none beyond
// the error's message.
func (a *app) nextStep(err error) string {
	steps := nextSteps
	if endpoint, unknown := a.endpoint(); unknown == nil && endpoint != "" {
		steps = append(slices.Clone(localSteps), nextSteps...)
	}
	for _, s := range steps {
		_, after, found := strings.Cut(err.Error(), s.text)
		if !found {
			continue
		}
		quoted, _, _ := strings.Cut(after, `"`)
		command := strings.TrimSuffix(cmp.Or(a.command, "storeevents"), " help") // Its own help lists nothing.
		table := "<table>"
		if cfg, err := a.checkConfig(); err == nil {
			table = cfg.Etl.TargetTable
		}
		replacer := strings.NewReplacer("{command}", command, "{table}", table, "{quoted}", quoted,
			"--stack {stack}", "--stack "+a.suggestedStack(), "{stack}", a.stack)
		return replacer.Replace(s.next)
	}
	return ""
}
