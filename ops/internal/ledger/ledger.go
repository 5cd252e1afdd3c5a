// Package ledger reads the job's records of its runs and of loaded objects from the
// database. Tables that do not exist, as before the first run, count as empty.
package ledger

import (
	"context"
	"fmt"
	"strings"

	"store-events/ops/internal/query"
	"store-events/schema"
)

// Ledger is the ledger of one stack.
type Ledger struct {
	DB       query.Database
	Contract schema.Contract
	// ObjectKey converts the s3:// URL of an event object to its key.
	ObjectKey func(string) string
}

// Loaded counts the lines that one job run has read, by result.
type Loaded struct {
	Batches         int `json:"batches"`
	RowsRead        int `json:"rows_read"`
	RowsNew         int `json:"rows_new"`
	RowsDuplicate   int `json:"rows_duplicate"`
	RowsQuarantined int `json:"rows_quarantined"`
}

// Add adds the counts of another run.
func (l *Loaded) Add(o Loaded) {
	l.Batches += o.Batches
	l.RowsRead += o.RowsRead
	l.RowsNew += o.RowsNew
	l.RowsDuplicate += o.RowsDuplicate
	l.RowsQuarantined += o.RowsQuarantined
}

// attemptMark separates the ID of a run's first attempt from the number of a later attempt.
const attemptMark = "_attempt_"

// Loaded returns what a run has loaded, in all its attempts.
func (l Ledger) Loaded(ctx context.Context, runID string) (Loaded, error) {
	first, _, _ := strings.Cut(runID, attemptMark)
	retries := first + attemptMark
	columns := []string{"rows_read", "rows_new", "rows_duplicate", "rows_quarantined"}
	sums := make([]string, len(columns))
	for i, c := range columns {
		sums[i] = fmt.Sprintf("coalesce(sum(%s), 0) %s", c, c)
	}
	var loaded Loaded
	err := l.DB.Numbers(ctx, fmt.Sprintf("select count(*) batches, %s from %s where run_id = %s or left(run_id, %d) = %s",
		strings.Join(sums, ", "), query.Identifier(l.Contract.Ledger.Batches), query.Literal(first), len(retries), query.Literal(retries)),
		&loaded.Batches, &loaded.RowsRead, &loaded.RowsNew, &loaded.RowsDuplicate, &loaded.RowsQuarantined)
	if err != nil {
		return Loaded{}, fmt.Errorf("read the ledger: %w", err)
	}
	return loaded, nil
}
