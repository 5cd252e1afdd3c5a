package ops

import (
	"context"
	"maps"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/ledger"
)

// ReplayResult is the result of reading the objects with quarantined lines again.
type ReplayResult struct {
	Objects int `json:"objects"` // Read again.
	Lines   int `json:"lines"`   // Quarantined lines of these objects before, by the ledger.
	Loaded  int `json:"loaded"`  // No longer quarantined: each is in the table once.
	Stay    int `json:"stay"`    // Includes all lines of objects that were not read completely.
	// Gone counts quarantined lines of objects that no longer exist in S3.
	Gone    int           `json:"gone"`
	Run     *IngestResult `json:"run,omitempty"` // Missing if there was nothing to read.
	Seconds float64       `json:"seconds"`
}

// Replay runs the job to read the objects with quarantined lines again, after a
// change of the contract or of the job. Like the job, it finds them in the ledger,
// because their entries in the quarantine may be damaged or missing.
func (o *Ops) Replay(ctx context.Context) (ReplayResult, error) {
	start := time.Now()
	before, err := o.ledger.Quarantines(ctx)
	if err != nil {
		return ReplayResult{}, err
	}
	maps.DeleteFunc(before, func(_ ledger.ObjectVersion, q ledger.Quarantine) bool { return q.Lines == 0 })
	readAgain, err := o.current(ctx, before)
	if err != nil {
		return ReplayResult{}, err
	}
	r := ReplayResult{Objects: len(readAgain)}
	for version, q := range before {
		if readAgain[version] {
			r.Lines += q.Lines
		} else {
			r.Gone += q.Lines
		}
	}
	if r.Objects == 0 {
		r.Seconds = seconds(start)
		return r, nil
	}
	run, err := o.Ingest(ctx, IngestRequest{Arguments: map[string]string{"--" + o.contract.JobOptions.Replay: "true"}})
	if err != nil {
		return r, err
	}
	r.Run = &run
	after, err := o.ledger.Quarantines(ctx)
	if err != nil {
		return r, err
	}
	for version := range readAgain {
		q, known := after[version]
		if known && !q.Complete {
			q = before[version]
		}
		r.Stay += q.Lines
	}
	r.Loaded = r.Lines - r.Stay
	r.Seconds = seconds(start)
	return r, nil
}

// current returns the object versions that are current in S3.
func (o *Ops) current(ctx context.Context, versions map[ledger.ObjectVersion]ledger.Quarantine) (map[ledger.ObjectVersion]bool, error) {
	found := map[ledger.ObjectVersion]bool{}
	var mu sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(bucket.AtOnce)
	for one := range versions {
		group.Go(func() error {
			version, err := o.bucket.Version(ctx, one.Object)
			if version == one.Version {
				mu.Lock()
				defer mu.Unlock()
				found[one] = true
			}
			return err
		})
	}
	return found, group.Wait()
}
