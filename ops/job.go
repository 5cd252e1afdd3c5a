package ops

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"

	"store-events/schema"
)

// jobSettings are the job's arguments that decide which events it accepts, and how long the ledger keeps objects.
type jobSettings struct {
	contract   schema.Contract // Including extraColumns.
	ledgerDays int
}

func (o *Ops) jobSettings(ctx context.Context) (jobSettings, error) {
	out, err := o.glue.GetJob(ctx, &glue.GetJobInput{JobName: aws.String(o.stack.Job)})
	if err != nil {
		return jobSettings{}, fmt.Errorf("get the job %s: %w", o.stack.Job, err)
	}
	var s jobSettings
	options, arguments := o.contract.JobOptions, out.Job.DefaultArguments
	if s.ledgerDays, err = strconv.Atoi(arguments["--"+options.LedgerDays]); err != nil {
		return s, fmt.Errorf("the argument --%s of the job %s: %w", options.LedgerDays, o.stack.Job, err)
	}
	if s.contract, err = o.contract.WithColumns(arguments["--"+options.ExtraColumns]); err != nil {
		return s, fmt.Errorf("the argument --%s of the job %s: %w", options.ExtraColumns, o.stack.Job, err)
	}
	return s, nil
}
