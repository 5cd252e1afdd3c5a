package ops

import (
	"context"
	"fmt"
	"strings"
)

// Loaded counts the lines that one job run has read, by what became of them.
type Loaded struct {
	Batches         int `json:"batches"`
	RowsRead        int `json:"rows_read"`
	RowsNew         int `json:"rows_new"`
	RowsDuplicate   int `json:"rows_duplicate"`
	RowsQuarantined int `json:"rows_quarantined"`
}

func (l *Loaded) add(o Loaded) {
	l.Batches += o.Batches
	l.RowsRead += o.RowsRead
	l.RowsNew += o.RowsNew
	l.RowsDuplicate += o.RowsDuplicate
	l.RowsQuarantined += o.RowsQuarantined
}

// attemptMark is between the id of a run's first attempt and the number of
// another one, in the id of that.
const attemptMark = "_attempt_"

// loaded reads the ledger of a run, all attempts together.
func (o *Ops) loaded(ctx context.Context, runID string) (Loaded, error) {
	first, _, _ := strings.Cut(runID, attemptMark)
	retries := first + attemptMark
	columns := []string{"rows_read", "rows_new", "rows_duplicate", "rows_quarantined"}
	sums := make([]string, len(columns))
	for i, c := range columns {
		sums[i] = fmt.Sprintf("coalesce(sum(%s), 0) %s", c, c)
	}
	rows, err := o.Query(ctx, fmt.Sprintf("select count(*) batches, %s from %s where run_id = %s or left(run_id, %d) = %s",
		strings.Join(sums, ", "), identifier(o.contract.Ledger.Batches), literal(first), len(retries), literal(retries)))
	if err != nil {
		return Loaded{}, fmt.Errorf("read the ledger: %w", err)
	}
	var l Loaded
	if err := rows.numbers(&l.Batches, &l.RowsRead, &l.RowsNew, &l.RowsDuplicate, &l.RowsQuarantined); err != nil {
		return Loaded{}, fmt.Errorf("read the ledger: %w", err)
	}
	return l, nil
}
