package ops

import (
	"context"
	"fmt"
	"strconv"

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

// batchesOfRun is how many batch ids a run has; they begin with its number.
const batchesOfRun = 100_000_000

// forgotten is the first batch id that the ledger is sure to remember. The ids
// before it are of runs that are older than the ledger remembers.
func (o *Ops) forgotten(ctx context.Context, s jobSettings) (int64, error) {
	table := o.contract.Ledger.Runs
	exists, err := o.tableExists(ctx, table)
	if err != nil || !exists {
		return 0, err
	}
	rows, err := o.Query(ctx, fmt.Sprintf("select coalesce(max(run_number), -1) from %s where started_at < utc_timestamp() - interval %d day",
		identifier(table), s.ledgerDays))
	if err != nil {
		return 0, err
	}
	var run int
	err = rows.numbers(&run)
	return int64(run+1) * batchesOfRun, err
}
