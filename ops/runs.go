package ops

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/ledger"
)

// RunRecord is a run of the job in the ledger's history.
type RunRecord = ledger.Run

// Loaded counts the lines that a run has read, by what happened to them.
type Loaded = ledger.Loaded

// Runs returns the last runs, the newest first, limit of them or all for 0, with
// what their manifests say about unread objects and listings. There are none before the first
// run has created the ledger.
func (o *Ops) Runs(ctx context.Context, limit int) ([]RunRecord, error) {
	runs, err := o.ledger.LastRuns(ctx, limit)
	if err != nil {
		return nil, err
	}
	return runs, o.addManifests(ctx, runs)
}

// RunsPage is a part of the history of runs.
type RunsPage struct {
	Runs  []RunRecord `json:"runs"`  // The newest first.
	Total int         `json:"total"` // Of the whole history.
}

// RunsBefore returns up to limit runs below a number, 0 for the newest, as Runs
// does.
func (o *Ops) RunsBefore(ctx context.Context, before, limit int) (RunsPage, error) {
	runs, total, err := o.ledger.RunsBefore(ctx, before, limit)
	if err != nil {
		return RunsPage{Runs: []RunRecord{}}, err
	}
	return RunsPage{runs, total}, o.addManifests(ctx, runs)
}

// addManifests adds what the manifests of runs say about unread objects and listings.
func (o *Ops) addManifests(ctx context.Context, runs []RunRecord) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(bucket.AtOnce)
	for i := range runs {
		group.Go(func() error {
			head, err := o.manifestHead(ctx, runs[i].ID)
			runs[i].Unread, runs[i].Listing = head.Unread, head.Listing
			return err
		})
	}
	return group.Wait()
}

// Run returns the run with a number. While it is under way, its counts are those
// of the batches that it has committed so far. The error is ErrNoRun if there is
// no such run.
func (o *Ops) Run(ctx context.Context, number int) (RunRecord, error) {
	run, exists, err := o.ledger.Run(ctx, number)
	if err != nil {
		return RunRecord{}, err
	}
	if !exists {
		return RunRecord{}, fmt.Errorf("%w %d: %s lists them", ErrNoRun, number, o.command("runs ls"))
	}
	if run.Outcome == RunUnderWay {
		l, err := o.ledger.Loaded(ctx, run.ID)
		if err != nil {
			return RunRecord{}, err
		}
		run.RowsRead, run.RowsNew, run.RowsDuplicate, run.RowsQuarantined = l.RowsRead, l.RowsNew, l.RowsDuplicate, l.RowsQuarantined
	}
	return run, nil
}

// RunUnderWay is the outcome of a run that has not ended.
const RunUnderWay = "running"

// ErrNoRun says that the history does not have a run.
var ErrNoRun = errors.New("no run")
