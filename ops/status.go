package ops

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// shownRuns is how many runs a status shows.
const shownRuns = 5

// StateError is the state of a part whose service did not answer.
const StateError = "error"

// StatePaused is the state of a part that a paused stack lacks, or cannot ask.
const StatePaused = "paused"

// Status is the state of a stack's parts.
type Status struct {
	Stack    string `json:"stack"`
	Region   string `json:"region"`
	Endpoint string `json:"endpoint,omitempty"`
	// Paused stacks run nothing; Parts then has their database as it is.
	Paused bool   `json:"paused,omitempty"`
	Parts  []Part `json:"parts"`
	// Runs are the last runs of the job, the newest first.
	Runs []RunRecord `json:"runs"`
}

// Err names the parts whose services did not answer, nil if all did.
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
	// State in the service's own word, or StateError.
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"`
	// RunID is Glue's id of the job's last run.
	RunID string `json:"run_id,omitempty"`
	// Counts are the numbers of Detail, for programs.
	Counts []Count `json:"counts,omitempty"`
}

// Count is how many of something a part has.
type Count struct {
	What string `json:"what"`
	N    int    `json:"n"`
}

// statusPart is a part of which Status asks the state.
type statusPart struct {
	kind, name string
	ask        func(context.Context) (Part, error)
}

// Status asks every part for its state, and the ledger for the last runs. A part
// that does not answer is in the result with its error; Status fails only if ctx
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

// lastRuns returns the last runs, or a part that says why they cannot be read.
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
