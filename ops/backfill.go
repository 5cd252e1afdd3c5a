package ops

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"store-events/ops/internal/bucket"
)

// BackfillResult lists the objects that were read again, and what that run loaded.
type BackfillResult struct {
	Days
	Objects []BackfillObject `json:"objects"`
	Bytes   int64            `json:"bytes"`
	Run     *IngestResult    `json:"run,omitempty"` // Missing for a dry run.
	Seconds float64          `json:"seconds"`
}

// BackfillObject is an event object to read again.
type BackfillObject struct {
	Object string `json:"object"` // Key in the events bucket.
	Bytes  int64  `json:"bytes"`
}

// Backfill runs the job to read the objects of a range of days again: it inserts missing
// rows and rewrites the Parquet of these days. A dry run only lists the objects.
func (o *Ops) Backfill(ctx context.Context, days Days, dryRun bool) (BackfillResult, error) {
	start := time.Now()
	if err := days.CheckClosed(); err != nil {
		return BackfillResult{}, err
	}
	r := BackfillResult{Days: days, Objects: []BackfillObject{}}
	for _, s := range o.contract.Streams {
		err := o.bucket.List(ctx, s.Name+"/", func(page []types.Object) {
			for _, object := range page {
				if key, size := aws.ToString(object.Key), aws.ToInt64(object.Size); days.include(key) && !bucket.Hidden(key) {
					r.Objects = append(r.Objects, BackfillObject{key, size})
					r.Bytes += size
				}
			}
		})
		if err != nil {
			return r, err
		}
	}
	if dryRun {
		r.Seconds = seconds(start)
		return r, nil
	}
	options := o.contract.JobOptions
	run, err := o.Ingest(ctx, IngestRequest{Arguments: map[string]string{
		"--" + options.ReloadFrom: days.From, "--" + options.ReloadTo: days.To,
	}})
	if err != nil {
		return r, err
	}
	r.Run, r.Seconds = &run, seconds(start)
	return r, nil
}
