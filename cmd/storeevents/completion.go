package main

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"store-events/components/queries"
	"store-events/deploy"
	"store-events/internal/plural"
	"store-events/ops"
	"store-events/schema"
)

// completionTime is the timeout of a completion, because the shell waits.
const completionTime = 3 * time.Second

// completeValues registers completions of flags and arguments. Values from files or
// the program need no stack. Values from a stack have a short timeout, and never start the local AWS.
func (a *app) completeValues(root *cobra.Command) {
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	flag := func(c *cobra.Command, name string, f cobra.CompletionFunc) {
		if c.Flag(name) == nil {
			panic("completion of " + c.CommandPath() + " --" + name + ", which does not exist")
		}
		if err := c.RegisterFlagCompletionFunc(name, f); err != nil {
			panic(err) // Registered twice.
		}
	}
	folders := func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	}
	flag(root, "output", cobra.FixedCompletions([]string{"text", "json"}, cobra.ShellCompDirectiveNoFileComp))
	flag(root, "project", folders)
	flag(root, "state", folders)
	flag(root, "stack", a.complete(func(context.Context) []string { return deploy.Stacks(a.project) }))
	command(root, "outputs").ValidArgsFunction = first(a.complete(a.outputNames))
	command(root, "athena").ValidArgsFunction = first(a.complete(a.namedQueries))
	command(root, "quarantine", "show").ValidArgsFunction = first(a.complete(a.quarantinedObjects))
	command(root, "runs", "show").ValidArgsFunction = first(a.complete(a.runNumbers))
	flag(command(root, "runs", "show"), "only", cobra.FixedCompletions(ops.Outcomes(), cobra.ShellCompDirectiveNoFileComp))
	streams := cobra.FixedCompletions(schema.Load().StreamNames(), cobra.ShellCompDirectiveNoFileComp)
	flag(command(root, "quarantine", "ls"), "stream", streams)
	flag(command(root, "quarantine", "replay"), "stream", streams)
	flag(command(root, "contract", "export"), "format", cobra.FixedCompletions([]string{"jsonschema", "odcs"}, cobra.ShellCompDirectiveNoFileComp))
	flag(command(root, "contract", "diff"), "fail-on", cobra.FixedCompletions([]string{"breaking", "any"}, cobra.ShellCompDirectiveNoFileComp))
	flag(command(root, "quarantine", "replay"), "file", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveDefault
	})
}

func command(root *cobra.Command, path ...string) *cobra.Command {
	c, rest, err := root.Find(path)
	if err != nil || len(rest) > 0 {
		panic("completion of a command that does not exist: " + path[0])
	}
	return c
}

// first completes only the first argument.
func first(f cobra.CompletionFunc) cobra.CompletionFunc {
	return func(c *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return f(c, args, word)
	}
}

// complete offers the result of values. Without a project, or after the timeout, it
// offers nothing, because a completion cannot report errors.
func (a *app) complete(values func(context.Context) []string) cobra.CompletionFunc {
	return func(c *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		if a.prepare() != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(c.Context(), completionTime)
		defer cancel()
		found := make(chan []string, 1)
		go func() { found <- values(ctx) }()
		select {
		case v := <-found:
			return v, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
		case <-ctx.Done(): // Some library calls ignore their context.
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
	}
}

// namedQueries returns the names of the program's named queries.
func (a *app) namedQueries(context.Context) []string {
	var all []string
	for _, q := range queries.All() {
		all = append(all, q.Name+"\t"+q.Description)
	}
	return all
}

// outputNames returns the names of the deployed stack's outputs.
func (a *app) outputNames(ctx context.Context) []string {
	outputs, err := a.outputs(ctx)
	if err != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(outputs))
}

func (a *app) quarantinedObjects(ctx context.Context) []string {
	o, err := a.operateIfRunning(ctx)
	if err != nil || o == nil {
		return nil
	}
	objects, err := o.Quarantine(ctx, ops.QuarantineFilter{})
	if err != nil {
		return nil
	}
	names := map[string]string{}
	for _, q := range objects {
		names[q.Object] = q.Object + "\t" + plural.ByName(q.Reasons)
	}
	return slices.Sorted(maps.Values(names))
}

func (a *app) runNumbers(ctx context.Context) []string {
	o, err := a.operateIfRunning(ctx)
	if err != nil || o == nil {
		return nil
	}
	runs, err := o.Runs(ctx, 20)
	if err != nil {
		return nil
	}
	var all []string
	for _, r := range runs {
		all = append(all, strconv.Itoa(r.Number)+"\t"+r.Started+", "+r.Outcome)
	}
	return all
}

// operateIfRunning opens the deployed stack. It returns nil if the stack's local AWS is not running.
func (a *app) operateIfRunning(ctx context.Context) (*ops.Ops, error) {
	endpoint, err := a.endpoint()
	if err != nil {
		return nil, err
	}
	if endpoint != "" {
		if s, err := daemon.GetStatus(ctx, a.state); err != nil || s.Health == nil {
			return nil, err
		}
	}
	outputs, err := a.outputs(ctx)
	if err != nil {
		return nil, err
	}
	return a.operateOn(ctx, outputs, endpoint)
}
