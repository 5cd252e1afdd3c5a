package ops

import (
	"context"

	"golang.org/x/sync/errgroup"
)

// shownRuns is how many runs a status shows.
const shownRuns = 5

// Status is the state of a stack's parts.
type Status struct {
	Stack    string `json:"stack"`
	Region   string `json:"region"`
	Endpoint string `json:"endpoint,omitempty"`
	Parts    []Part `json:"parts"`
	// Runs are the last runs of the job, the newest first.
	Runs []RunRecord `json:"runs"`
}

// Part is one part of the stack.
type Part struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	// State in the service's own word, or "error" if the service did not answer.
	State  string `json:"state"`
	Detail string `json:"detail,omitempty"`
}

// Status asks every part for its state, and the ledger for the last runs. A part
// that does not answer is in the result with its error; Status fails only if ctx
// ends.
func (o *Ops) Status(ctx context.Context) (Status, error) {
	asked := []struct {
		kind, name string
		ask        func(context.Context) (state, detail string, err error)
	}{
		{"bucket", o.stack.Bucket, o.bucketStatus},
		{"producer", o.stack.Producer, o.producerStatus},
		{"crawler", o.stack.Crawler, o.crawlerStatus},
		{"job", o.stack.Job, o.jobStatus},
		{"workflow", o.stack.Workflow, o.workflowStatus},
		{"database", o.stack.Database, o.databaseStatus},
		{"table", o.stack.TargetTable, o.tableStatus},
		{"parquet", o.stack.CuratedTable, o.curatedStatus},
		{"quarantine", o.contract.Prefixes.Quarantine + "/", o.quarantineStatus},
		{"consumer", o.stack.Consumer, o.consumerStatus},
		{"workgroup", o.stack.Workgroup, o.workgroupStatus},
	}
	s := Status{Stack: o.stack.Name, Region: o.stack.Region, Endpoint: o.stack.Endpoint, Parts: make([]Part, len(asked))}
	var group errgroup.Group
	for i, a := range asked {
		group.Go(func() error {
			p := Part{Kind: a.kind, Name: a.name}
			var err error
			if p.State, p.Detail, err = a.ask(ctx); err != nil {
				p.State, p.Detail = "error", err.Error()
			}
			s.Parts[i] = p
			return nil
		})
	}
	group.Go(func() (err error) {
		// Without a database there is no history, and the database's part says why.
		if s.Runs, err = o.Runs(ctx, shownRuns); err != nil {
			s.Runs = []RunRecord{}
		}
		return nil
	})
	_ = group.Wait() // Errors are in the parts.
	return s, ctx.Err()
}
