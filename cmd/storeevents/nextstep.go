package main

import "strings"

// nextSteps say what to do about an error, by a part of its text. {command} is the
// command that failed, {stack} its stack. The first match counts.
var nextSteps = []struct{ text, next string }{
	{"unknown command", "`{command} --help` lists the commands"},
	{"unknown flag", "`{command} --help` lists the flags"},
	{"unknown shorthand flag", "`{command} --help` lists the flags"},
	{"flag needs an argument", "`{command} --help` lists the flags"},
	{"invalid argument", "`{command} --help` lists the flags"},
	{"arg(s), received", "`{command} --help` shows the arguments"},
	{"no stack \"", "choose one of them with --stack, or write the file"},
	{"configuration of stack", "Pulumi.yaml describes every setting"},
	{"no space left on device", "free some space: `storeevents doctor` shows what is free, `make clean` removes the caches"},
	{"failed to refresh cached credentials", "log in to AWS, for example with `aws sso login`; `storeevents doctor` shows which credentials are found"},
	{"get credentials", "log in to AWS, for example with `aws sso login`; `storeevents doctor` shows which credentials are found"},
	{"ExpiredToken", "log in to AWS again, for example with `aws sso login`"},
	{"AccessDenied", "`storeevents preflight --stack {stack}` lists permissions that are missing on AWS, `storeevents local denied` those on this machine"},
	{"the local AWS did not start", "`storeevents doctor` checks the machine; `storeevents down --force` removes the local stack with its state"},
	{"does not become healthy", "`storeevents doctor` checks the machine; `storeevents down --force` removes the local stack with its state"},
	{"connection refused", "`storeevents local status` shows whether the local AWS runs, `storeevents local start` starts it"},
	{"Unknown column", "`storeevents query \"SHOW COLUMNS FROM sales_txns_tbl\"` lists the columns"},
	{"doesn't exist", "`storeevents query \"SHOW TABLES\"` lists the tables; the first `storeevents ingest` creates them"},
	{"events, rows and Parquet differ", "docs/operations.md says what each difference means, and what repairs it"},
	{"the stack is paused", "`storeevents resume --stack {stack}` starts it again"},
	{"is running already", "`storeevents status --stack {stack}` shows when it has ended"},
	{"does not pass:", "each finding says how to fix it; docs/policies.md of store-events lists the rules"},
	{"an update would fail on", "fix what is named above, then run `{command}` again"},
	{"the engine reported errors", "fix what is named above, then run `{command}` again: what is done is not done twice"},
	{"deadline exceeded", "`storeevents status --stack {stack}` shows what is still under way; then run `{command}` again"},
	{"context canceled", "run `{command}` again to go on"},
}

// nextStep returns what to do about an error of the command, or "" if nothing is
// known that the error itself does not say.
func (a *app) nextStep(err error) string {
	text := err.Error()
	for _, s := range nextSteps {
		if !strings.Contains(text, s.text) {
			continue
		}
		command := a.command
		if command == "" {
			command = "storeevents"
		}
		return strings.NewReplacer("{command}", command, "{stack}", a.stack).Replace(s.next)
	}
	return ""
}
