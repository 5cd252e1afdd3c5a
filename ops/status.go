package ops

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// shownRuns is how many runs a status shows.
const shownRuns = 5

// StateError is the state of a part if the request to its service failed.
const StateError = "error"

// StatePaused is the state of a part that is missing or unreachable in a paused stack.
const StatePaused = "paused"

// Status is the state of a stack's parts.
type Status struct {
	Stack    string `json:"stack"`
	Region   string `json:"region"`
	Endpoint string `json:"endpoint,omitempty"`
	// Paused reports whether the stack is paused. Parts still contains the state of its database.
	Paused bool   `json:"paused,omitempty"`
	Parts  []Part `json:"parts"`
	// Runs are the last runs of the job, the newest first.
	Runs []RunRecord `json:"runs"`
}

// Err lists the parts whose state is StateError, nil if there are none.
func (s Status) Err() error {
	var silent []error
	for _, p := range s.Parts {
		if p.State == StateError {
			silent = append(silent, fmt.Errorf("%s %s: %s", p.Kind, p.Name, p.Detail))
		}
	}
	return errors.Join(silent...)
}

// Part is one part of the stack.
type Part struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// State is the service's own term, or StateError.
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"`
	// RunID is Glue's ID of the job's last run.
	RunID string `json:"run_id,omitempty"`
	// Counts are the numbers in Detail, for programs.
	Counts []Count `json:"counts,omitempty"`
}

// Count is a named number.
type Count struct {
	What string `json:"what"`
	N    int    `json:"n"`
}

// statusPart is a part with the function that returns its state.
type statusPart struct {
	kind, name string
	ask        func(context.Context) (Part, error)
}

// Status returns the state of every part, and the last runs from the ledger. The error of
// a part is in the result; Status itself fails only if ctx
// ends.
func (o *Ops) Status(ctx context.Context) (Status, error) {
	parts := []statusPart{
		{"bucket", o.stack.Bucket, o.bucketStatus},
		{"producer", o.stack.Producer, o.producerStatus},
		{"crawler", o.stack.Crawler, o.crawlerStatus},
		{"catalog", o.stack.CatalogDatabase, o.catalogStatus},
		{"job", o.stack.Job, o.jobStatus},
		{"workflow", o.stack.Workflow, o.workflowStatus},
		{"database", o.stack.Database, o.databaseStatus},
		{"table", o.stack.TargetTable, o.tableStatus},
		{"parquet", o.stack.CuratedTable, o.curatedStatus},
		{"quarantine", o.contract.Prefixes.Quarantine + "/", o.quarantineStatus},
		{"consumer", o.stack.Consumer, o.consumerStatus},
		{"workgroup", o.stack.Workgroup, o.workgroupStatus},
		{"alarms", o.stack.Name, o.alarmStatus},
	}
	if o.stack.Starter != "" {
		parts = append(parts, o.arrivals()...)
	}
	s := Status{Stack: o.stack.Name, Region: o.stack.Region, Endpoint: o.stack.Endpoint, Paused: o.stack.Paused, Parts: make([]Part, len(parts))}
	var group errgroup.Group
	for i, a := range parts {
		group.Go(func() error {
			p, err := a.ask(ctx)
			switch {
			case errors.Is(err, ErrPaused):
				p = Part{State: StatePaused}
			case err != nil:
				p = Part{State: StateError, Detail: err.Error()}
			}
			p.Kind, p.Name = a.kind, a.name
			s.Parts[i] = p
			return nil
		})
	}
	var noRuns []Part
	group.Go(func() error {
		s.Runs, noRuns = o.lastRuns(ctx)
		return nil
	})
	_ = group.Wait() // Errors are in the parts.
	s.Parts = append(s.Parts, noRuns...)
	return s, ctx.Err()
}

// lastRuns returns the last runs, or a part with the error.
func (o *Ops) lastRuns(ctx context.Context) ([]RunRecord, []Part) {
	runs, err := o.Runs(ctx, shownRuns)
	switch {
	case err == nil:
		return runs, nil
	case errors.Is(err, ErrPaused):
		return []RunRecord{}, nil
	default:
		return []RunRecord{}, []Part{{Kind: "runs", Name: o.contract.Ledger.Runs, State: StateError, Detail: err.Error()}}
	}
}
