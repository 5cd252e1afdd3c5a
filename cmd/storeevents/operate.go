package main

import (
	"context"

	"store-events/cmd/storeevents/page"
	"store-events/ops"
)

// stopsItsRun ends the help of commands that wait for a crawl or a run of the job.
const stopsItsRun = `

Ctrl-C or SIGTERM also stops the crawl or job run that the command has started.
Rows that a run has committed are kept; run the command again to load the rest.`

// operate opens the deployed stack for its operations.
func (a *app) operate(ctx context.Context) (*ops.Ops, error) {
	outputs, err := a.outputs(ctx)
	if err != nil {
		return nil, err
	}
	endpoint, err := a.started(ctx)
	if err != nil {
		return nil, err
	}
	return a.operateOn(ctx, outputs, endpoint)
}

func (a *app) outputs(ctx context.Context) (map[string]any, error) {
	d, err := a.deployed(ctx)
	if err != nil {
		return nil, err
	}
	outputs, err := d.Outputs(ctx)
	return outputs, a.adviseUp(err)
}

// operateDeployed opens the stack with these outputs. Unlike operate, it does not start the local AWS.
func (a *app) operateDeployed(ctx context.Context, outputs map[string]any) (*ops.Ops, error) {
	endpoint, err := a.endpoint()
	if err != nil {
		return nil, err
	}
	return a.operateOn(ctx, outputs, endpoint)
}

func (a *app) operateOn(ctx context.Context, outputs map[string]any, endpoint string) (*ops.Ops, error) {
	stack, err := ops.FromOutputs(a.stack, outputs, endpoint)
	if err != nil {
		return nil, err
	}
	cfg, err := a.accountConfig(ctx, endpoint)
	if err != nil {
		return nil, err
	}
	return ops.New(stack, ops.Options{AWS: cfg, Log: a.log(), Progress: func(s string) { a.progress("  %s", s) }}), nil
}

// operation runs one operation on the deployed stack and prints its result.
func operation[R any](ctx context.Context, a *app, run func(*ops.Ops) (R, error), write func(*page.Page, R)) error {
	o, err := a.operate(ctx)
	if err != nil {
		return err
	}
	result, err := run(o)
	if err != nil {
		return err
	}
	return a.print(result, func(w *page.Page) { write(w, result) })
}
