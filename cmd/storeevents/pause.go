package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/deploy"
	"store-events/ops"
)

// pauseResult is what `pause` prints.
type pauseResult struct {
	deploy.Result
	// Database is the identifier of the stopped instance.
	Database string `json:"database"`
}

// resumeResult is what `resume` prints.
type resumeResult struct {
	deploy.Result
	Database string `json:"database"`
	// Run is the workflow run that listed all streams.
	Run ops.WorkflowResult `json:"run"`
}

func newPause(a *app) *cobra.Command {
	var wait bool
	cmd := &cobra.Command{
		Use:   "pause",
		Short: "Stop what is billed by the hour, and keep the data",
		Long: `Set store-events:paused for the stack, update it, and stop its database. Data,
ledger, queue, key and secrets are kept. NAT, interface endpoints, the consumer, alarms,
schedules and the rotation of passwords are removed until ` + "`storeevents resume`" + `. New
objects may still arrive: resume loads them.

It is refused while the job is running, unless --wait is set, and while the rotation
of a password is incomplete. If it fails halfway, run it again. docs/costs.md lists
the costs of a paused stack.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.pause(cmd.Context(), wait)
			if err != nil {
				return err
			}
			return a.print(r, func(w *page.Page) {
				writeResult(w, r.Result)
				w.Printf("stack %s is paused, and its database %s stopped: `storeevents resume --stack %[1]s` starts it again\n", a.stack, r.Database)
			})
		},
	}
	a.asFlag(cmd, providersRole)
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until a current run has finished")
	return cmd
}

func newResume(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "resume",
		Short: "Start a paused stack again, and load what has arrived since",
		Long: `Start the stack's database and wait for it, remove store-events:paused, update the
stack, and start a run of the workflow that lists all streams: it also finds objects
whose events the queue no longer has.

If it fails halfway, run it again.` + stopsItsRun,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.resume(cmd.Context())
			if err != nil {
				return err
			}
			return a.print(r, func(w *page.Page) {
				writeResult(w, r.Result)
				writeLoaded(w, r.Run.RunID, r.Run.Loaded, r.Run.Seconds)
				w.Printf("stack %s runs again\n", a.stack)
			})
		},
	}
	a.asFlag(cmd, providersRole)
	return cmd
}

// pause removes the schedules and the network before it stops the database, so that
// nothing starts a run that needs it. Each step is idempotent.
func (a *app) pause(ctx context.Context, wait bool) (pauseResult, error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return pauseResult{}, err
	}
	if cfg.Database.Existing() {
		return pauseResult{}, fmt.Errorf("the database of stack %s is %s, which does not belong to the stack: such a stack cannot be paused; "+
			"to stop its runs and crawls, set store-events:scheduleEnabled to false", a.stack, cfg.Database.Host)
	}
	o, err := a.operate(ctx)
	if err != nil {
		return pauseResult{}, err
	}
	if err := a.idle(ctx, o, wait); err != nil {
		return pauseResult{}, err
	}
	if err := a.checkRotation(ctx, o); err != nil {
		return pauseResult{}, err
	}
	if err := a.setPaused(true); err != nil {
		return pauseResult{}, err
	}
	r := pauseResult{Database: o.Database()}
	if r.Result, err = a.updatePaused(ctx); err != nil {
		return r, err
	}
	// A run may have started before the schedules were removed; no other one can start.
	if err := o.WaitIdle(ctx); err != nil {
		return r, err
	}
	return r, o.StopDatabase(ctx)
}

// idle returns an error if the job is running, or waits for its end.
func (a *app) idle(ctx context.Context, o *ops.Ops, wait bool) error {
	if wait {
		return o.WaitIdle(ctx)
	}
	on, err := o.Running(ctx)
	if err == nil && len(on) > 0 {
		err = fmt.Errorf("%s is running, and would fail without network and database: try again when it has ended, or pause with --wait", strings.Join(on, ", "))
	}
	return err
}

// resume starts the database before the update, which creates the resources that use it.
func (a *app) resume(ctx context.Context) (resumeResult, error) {
	o, err := a.operate(ctx)
	if err != nil {
		return resumeResult{}, err
	}
	r := resumeResult{Database: o.Database()}
	if err := o.StartDatabase(ctx); err != nil {
		return r, err
	}
	if err := a.setPaused(false); err != nil {
		return r, err
	}
	a.wakeRotation(ctx, o)
	if r.Result, err = a.updatePaused(ctx); err != nil {
		return r, err
	}
	if o, err = a.operate(ctx); err != nil { // With the outputs of the running stack.
		return r, err
	}
	// The rule that keeps the database stopped may have stopped it again before its removal.
	if err := o.StartDatabase(ctx); err != nil {
		return r, err
	}
	r.Run, err = o.LoadAll(ctx)
	return r, err
}

// updatePaused updates the stack after its setting has changed. It does not compare
// existing columns: the database may be stopped, and the contract has not changed.
func (a *app) updatePaused(ctx context.Context) (deploy.Result, error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return deploy.Result{}, err
	}
	return a.update(ctx, cfg, upOptions{})
}
