package ops

import (
	"context"

	"golang.org/x/sync/errgroup"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/ledger"
)

// RunRecord is a run of the job in the ledger's history.
type RunRecord = ledger.Run

// Loaded counts the lines that a run has read, by what happened to them.
type Loaded = ledger.Loaded

// Runs returns the last runs, the newest first, limit of them or all for 0, with
// what their manifests say about unread objects. There are none before the first
// run has created the ledger.
func (o *Ops) Runs(ctx context.Context, limit int) ([]RunRecord, error) {
	runs, err := o.ledger.LastRuns(ctx, limit)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(bucket.AtOnce)
	for i := range runs {
		group.Go(func() error {
			head, err := o.manifestHead(ctx, runs[i].ID)
			runs[i].Unread = head.Unread
			return err
		})
	}
	return runs, group.Wait()
}
