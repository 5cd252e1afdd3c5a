package ops

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
)

// batchesPerSecond is by how much the ids of batches grow in a second: they
// begin with the time of their run.
const batchesPerSecond = 100_000_000

// part is what the ledger has of an object's version in one batch.
type part struct {
	object, version string // The key in the events bucket, and the ETag.
	complete        bool   // These are its last lines.
	quarantined     int
	batch           int64
}

// eachPart visits what the ledger has of all objects; nothing before the first
// ingest has made it.
func (o *Ops) eachPart(ctx context.Context, visit func(part)) error {
	table := o.contract.Ledger.Objects
	exists, err := o.tableExists(ctx, table)
	if err != nil || !exists {
		return err
	}
	return o.query(ctx, "select source_object, version, complete, rows_quarantined, batch_id from "+identifier(table),
		eachRow(func(cells []string) error {
			p := part{object: strings.TrimPrefix(cells[0], "s3://"+o.stack.Bucket+"/"), version: cells[1], complete: cells[2] == "1"}
			var err error
			if p.quarantined, err = strconv.Atoi(cells[3]); err != nil {
				return fmt.Errorf("read the ledger: %w", err)
			}
			if p.batch, err = strconv.ParseInt(cells[4], 10, 64); err != nil {
				return fmt.Errorf("read the ledger: %w", err)
			}
			visit(p)
			return nil
		}))
}

// forgotten is the first batch id that the ledger is sure to remember.
func (o *Ops) forgotten(ctx context.Context) (int64, error) {
	out, err := o.glue.GetJob(ctx, &glue.GetJobInput{JobName: aws.String(o.stack.Job)})
	if err != nil {
		return 0, fmt.Errorf("get the job %s: %w", o.stack.Job, err)
	}
	days := 90 // The job's own default.
	if text, given := out.Job.DefaultArguments["--"+o.contract.JobOptions.LedgerDays]; given {
		if days, err = strconv.Atoi(text); err != nil {
			return 0, fmt.Errorf("the argument --%s of the job %s: %w", o.contract.JobOptions.LedgerDays, o.stack.Job, err)
		}
	}
	return time.Now().AddDate(0, 0, -days).Unix() * batchesPerSecond, nil
}
