package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/console"
	"store-events/deploy"
	"store-events/ops"
	"store-events/policy/rule"
	"store-events/schema"
)

// uiResult is what `ui` prints when the console is listening.
type uiResult struct {
	URL string `json:"url"`
}

func newUI(a *app) *cobra.Command {
	var port listenPort
	var open bool
	cmd := &cobra.Command{
		Use:   "ui",
		Short: "Serve a web console for the stack on 127.0.0.1",
		Long: `Serve a web console for the stack on 127.0.0.1 until Ctrl-C: the pipeline with its
state, runs with their logs, the quarantine with replay, lineage, catalog, queries,
policies and cost. It needs no network except to reach the stack.

The printed URL contains a secret that is valid until the console ends. It is
exchanged for a cookie, and requests from other sites and programs are refused.`,
		Example: "  storeevents ui --open",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.ui(cmd.Context(), int(port), open) },
	}
	cmd.Flags().Var(&port, "listen", "port of 127.0.0.1 for the console, such as 8765 or 127.0.0.1:8765; 0 for a free one")
	cmd.Flags().BoolVar(&open, "open", false, "open the URL in the browser")
	return cmd
}

// consoleHost is the only address of the console, because clients can read the stack's data.
const consoleHost = "127.0.0.1"

// listenPort is a port of consoleHost, parsed with or without the host.
type listenPort int

func (p *listenPort) String() string { return strconv.Itoa(int(*p)) }

func (p *listenPort) Type() string { return "port" }

func (p *listenPort) Set(text string) error {
	n, err := strconv.ParseUint(strings.TrimPrefix(text, consoleHost+":"), 10, 16)
	if err != nil {
		return fmt.Errorf("must be a port from 0 to 65535, alone or after %s:; the console has no other host", consoleHost)
	}
	*p = listenPort(n)
	return nil
}

func (a *app) ui(ctx context.Context, port int, open bool) error {
	c, err := a.console(ctx)
	if err != nil {
		return err
	}
	listener, err := console.Listen(ctx, port)
	if err != nil {
		return err
	}
	url := c.URL(listener)
	if err := a.print(uiResult{url}, func(w *page.Page) { w.Println(url) }); err != nil {
		return err
	}
	a.progress("the console of stack %s is at this URL until Ctrl-C", a.stack)
	if open {
		if err := openBrowser(ctx, c.URLOnce(listener)); err != nil {
			a.progress("the browser does not open: %v", err)
		}
	}
	return c.Serve(ctx, listener)
}

// console opens the console of the deployed stack.
func (a *app) console(ctx context.Context) (*console.Console, error) {
	o, err := a.operate(ctx)
	if err != nil {
		return nil, err
	}
	return console.New(console.Options{Stack: a.stack, Source: o, Streams: schema.Load().StreamNames(), Check: a.consoleChecks, Log: a.log()})
}

var _ console.Source = (*ops.Ops)(nil)

// consoleChecks checks the deployed stack and estimates its cost.
func (a *app) consoleChecks(ctx context.Context) (console.Checks, error) {
	resources, err := a.stateResources(ctx)
	if err != nil {
		return console.Checks{}, err
	}
	result, err := a.checkResources(resources, policyCheck{})
	if err != nil {
		return console.Checks{}, err
	}
	v := verdictOf(result)
	c := console.Checks{Resources: v.Resources, Mandatory: v.Summary.Mandatory, Advisory: v.Summary.Advisory}
	for _, one := range v.Violations {
		c.Violations = append(c.Violations, console.Violation(one))
	}
	for _, one := range v.Undecided {
		c.Undecided = append(c.Undecided, console.Violation(one))
	}
	c.Cost = consoleCost(resources)
	return c, nil
}

func consoleCost(resources []rule.Resource) *console.Cost {
	estimate := deploy.CostOf(resources)
	if estimate == nil {
		return nil
	}
	cost := &console.Cost{Total: estimate.MonthlyUSD, PricesOf: estimate.PricesOf, Unpriced: estimate.Unpriced}
	for _, item := range estimate.Items {
		cost.Items = append(cost.Items, console.CostItem(item))
	}
	return cost
}

// openBrowser opens a URL with the system's program for it. Other users can see the
// program's arguments.
func openBrowser(ctx context.Context, url string) error {
	program := "xdg-open"
	if runtime.GOOS == "darwin" {
		program = "open"
	}
	if err := exec.CommandContext(ctx, program, url).Start(); err != nil {
		return fmt.Errorf("run %s: %w", program, err)
	}
	return nil
}
