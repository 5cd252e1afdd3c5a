package ops

import (
	"context"
	"time"
)

// ReplayResult is what became of the lines in quarantine when their objects
// were read again.
type ReplayResult struct {
	Objects int `json:"objects"` // Read again.
	Lines   int `json:"lines"`   // In quarantine before, of these objects.
	Loaded  int `json:"loaded"`  // No longer in quarantine: each is in the table once.
	Stay    int `json:"stay"`
	// Gone are lines in quarantine of objects that S3 has no more.
	Gone    int           `json:"gone"`
	Run     *IngestResult `json:"run,omitempty"` // None where there was nothing to read.
	Seconds float64       `json:"seconds"`
}

// Replay has the job read the objects with quarantined lines again, after a
// change of the contract or of the job.
func (o *Ops) Replay(ctx context.Context) (ReplayResult, error) {
	start := time.Now()
	before, err := o.Quarantine(ctx, QuarantineFilter{})
	if err != nil {
		return ReplayResult{}, err
	}
	var r ReplayResult
	again := map[objectVersion]bool{}
	for _, q := range before {
		if !q.Current {
			r.Gone += q.Lines
			continue
		}
		again[objectVersion{q.Object, q.Version}] = true
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
	after, err := o.Quarantine(ctx, QuarantineFilter{})
	if err != nil {
		return r, err
	}
	for _, q := range after {
		if again[objectVersion{q.Object, q.Version}] {
			r.Stay += q.Lines
		}
	}
	r.Loaded = r.Lines - r.Stay
	r.Seconds = seconds(start)
	return r, nil
}
