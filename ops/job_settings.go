package ops

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"store-events/schema"
)

// jobSettings are what the job's arguments say of what it takes and remembers.
type jobSettings struct {
	contract   schema.Contract // With the fields that are columns by configuration.
	ledgerDays int
}

func (o *Ops) jobSettings(ctx context.Context) (jobSettings, error) {
	out, err := o.glue.GetJob(ctx, &glue.GetJobInput{JobName: aws.String(o.stack.Job)})
	if err != nil {
		return jobSettings{}, fmt.Errorf("get the job %s: %w", o.stack.Job, err)
	}
	s, options, given := jobSettings{ledgerDays: 90}, o.contract.JobOptions, out.Job.DefaultArguments // The job's own default.
	if text, found := given["--"+options.LedgerDays]; found {
		if s.ledgerDays, err = strconv.Atoi(text); err != nil {
			return s, fmt.Errorf("the argument --%s of the job %s: %w", options.LedgerDays, o.stack.Job, err)
		}
	}
	if s.contract, err = o.contract.WithColumns(given["--"+options.ExtraColumns]); err != nil {
		return s, fmt.Errorf("the argument --%s of the job %s: %w", options.ExtraColumns, o.stack.Job, err)
	}
	return s, nil
}

// batchesPerSecond is by how much the ids of batches grow in a second: they
// begin with the time of their run.
const batchesPerSecond = 100_000_000

// forgotten is the first batch id that the ledger is sure to remember.
func (s jobSettings) forgotten() int64 {
	return time.Now().AddDate(0, 0, -s.ledgerDays).Unix() * batchesPerSecond
}
