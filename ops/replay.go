package ops

import (
	"context"
	"time"

	"store-events/ops/internal/ledger"
)

// ReplayResult says what happened to the quarantined lines when their objects were
// read again.
type ReplayResult struct {
	Objects int `json:"objects"` // Read again.
	Lines   int `json:"lines"`   // Lines of these objects in quarantine before.
	Loaded  int `json:"loaded"`  // No longer in quarantine: each is in the table once.
	Stay    int `json:"stay"`
	// Gone counts quarantined lines of objects that S3 no longer has.
	Gone    int           `json:"gone"`
	Run     *IngestResult `json:"run,omitempty"` // Missing if there was nothing to read.
	Seconds float64       `json:"seconds"`
}

// Replay makes the job read the objects with quarantined lines again, after a
// change of the contract or of the job.
func (o *Ops) Replay(ctx context.Context) (ReplayResult, error) {
	start := time.Now()
	before, err := o.quarantinedObjects(ctx, QuarantineFilter{})
	if err != nil {
		return ReplayResult{}, err
	}
	var r ReplayResult
	readAgain := map[ledger.ObjectVersion]bool{}
	for _, q := range before {
		if !q.Current {
			r.Gone += q.Lines
			continue
		}
		readAgain[ledger.ObjectVersion{Object: q.Object, Version: q.Version}] = true
		r.Objects++
		r.Lines += q.Lines
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
	after, err := o.quarantinedObjects(ctx, QuarantineFilter{})
	if err != nil {
		return r, err
	}
	for _, q := range after {
		if readAgain[ledger.ObjectVersion{Object: q.Object, Version: q.Version}] {
			r.Stay += q.Lines
		}
	}
	r.Loaded = r.Lines - r.Stay
	r.Seconds = seconds(start)
	return r, nil
}
