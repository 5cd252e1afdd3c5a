package ops

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"golang.org/x/sync/errgroup"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/ledger"
)

// RunRecord is a run of the job in the ledger's history.
type RunRecord = ledger.Run

// Loaded counts the lines that a run has read, by result.
type Loaded = ledger.Loaded

// Runs returns up to limit runs, all for 0, the newest first, with the unread objects
// and listings from their manifests. It returns none if the ledger does not exist yet.
func (o *Ops) Runs(ctx context.Context, limit int) ([]RunRecord, error) {
	runs, err := o.ledger.LastRuns(ctx, limit)
	if err != nil {
		return nil, err
	}
	return runs, o.addManifests(ctx, runs)
}

// RunsPage is a page of the history of runs.
type RunsPage struct {
	Runs  []RunRecord `json:"runs"`  // The newest first.
	Total int         `json:"total"` // In the whole history.
}

// RunsBefore is like Runs, but begins below the number before; 0 begins with the newest run.
func (o *Ops) RunsBefore(ctx context.Context, before, limit int) (RunsPage, error) {
	runs, total, err := o.ledger.RunsBefore(ctx, before, limit)
	if err != nil {
		return RunsPage{Runs: []RunRecord{}}, err
	}
	return RunsPage{runs, total}, o.addManifests(ctx, runs)
}

// addManifests adds the unread objects and listings from the manifests of runs.
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

// Run returns the run with a number. During the run, its counts include the batches
// that it has committed so far. The error is ErrNoRun if the run does not exist.
func (o *Ops) Run(ctx context.Context, number int) (RunRecord, error) {
	run, exists, err := o.ledger.Run(ctx, number)
	if err != nil {
		return RunRecord{}, err
	}
	if !exists {
		return RunRecord{}, o.noRun(strconv.Itoa(number))
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

// ErrNoRun means that the history, or Glue, does not contain a run.
var ErrNoRun = errors.New("no run")

func (o *Ops) noRun(run string) error {
	return fmt.Errorf("%w %s: %s lists them", ErrNoRun, run, o.command("runs ls"))
}
