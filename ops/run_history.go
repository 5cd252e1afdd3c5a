package ops

import (
	"context"
	"fmt"
	"strconv"
)

// shownRuns is how many runs a status shows.
const shownRuns = 5

// RunRecord is a run of the job in the ledger's history.
type RunRecord struct {
	Number int    `json:"number"`
	ID     string `json:"id"`
	// Started and Ended are UTC, yyyy-mm-dd hh:mm:ss. Ended is empty while the run goes on, and if it died.
	Started string `json:"started"`
	Ended   string `json:"ended,omitempty"`
	// Outcome is succeeded, failed or died, or running while there is none. The
	// next run finds out that a run died.
	Outcome         string `json:"outcome"`
	RowsRead        int    `json:"rows_read"`
	RowsNew         int    `json:"rows_new"`
	RowsDuplicate   int    `json:"rows_duplicate"`
	RowsQuarantined int    `json:"rows_quarantined"`
}

// lastRuns reads the last runs from the ledger, the newest first. There are none
// before the first run has made the table.
func (o *Ops) lastRuns(ctx context.Context) ([]RunRecord, error) {
	table := o.contract.Ledger.Runs
	exists, err := o.tableExists(ctx, table)
	if err != nil || !exists {
		return []RunRecord{}, err
	}
	rows, err := o.Query(ctx, fmt.Sprintf("select run_number, run_id, left(started_at, 19), coalesce(left(ended_at, 19), ''),"+
		" coalesce(outcome, 'running'), rows_read, rows_new, rows_duplicate, rows_quarantined from %s order by run_number desc limit %d",
		identifier(table), shownRuns))
	if err != nil {
		return nil, err
	}
	runs := make([]RunRecord, len(rows.Rows))
	for i, cells := range rows.Rows {
		r := RunRecord{ID: cells[1].Text, Started: cells[2].Text, Ended: cells[3].Text, Outcome: cells[4].Text}
		counts := map[int]*int{0: &r.Number, 5: &r.RowsRead, 6: &r.RowsNew, 7: &r.RowsDuplicate, 8: &r.RowsQuarantined}
		for column, n := range counts {
			if *n, err = strconv.Atoi(cells[column].Text); err != nil {
				return nil, fmt.Errorf("run history, column %s: %w", rows.Columns[column], err)
			}
		}
		runs[i] = r
	}
	return runs, nil
}
