package ops

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/sync/errgroup"
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
	Outcome string `json:"outcome"`
	// Seconds that it took, 0 while there is no end.
	Seconds         float64 `json:"seconds,omitempty"`
	RowsRead        int     `json:"rows_read"`
	RowsNew         int     `json:"rows_new"`
	RowsDuplicate   int     `json:"rows_duplicate"`
	RowsQuarantined int     `json:"rows_quarantined"`
	// Unread counts the objects that it could not read, by the reason. It is of
	// the run's manifest, and empty where there is none.
	Unread map[string]int `json:"unread,omitempty"`
}

// Runs reads the last runs from the ledger, the newest first, limit of them or
// all for 0, and what their manifests say of unread objects. There are none before
// the first run has made the ledger's table.
func (o *Ops) Runs(ctx context.Context, limit int) ([]RunRecord, error) {
	end := ""
	if limit > 0 {
		end = fmt.Sprintf(" limit %d", limit)
	}
	runs, err := o.runRecords(ctx, " order by run_number desc"+end)
	if err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for i := range runs {
		group.Go(func() error {
			head, err := o.manifestHead(ctx, runs[i].ID)
			runs[i].Unread = head.Unread
			return err
		})
	}
	return runs, group.Wait()
}

func (o *Ops) runRecords(ctx context.Context, which string) ([]RunRecord, error) {
	table := o.contract.Ledger.Runs
	exists, err := o.tableExists(ctx, table)
	if err != nil || !exists {
		return []RunRecord{}, err
	}
	rows, err := o.Query(ctx, "select run_number, run_id, left(started_at, 19), coalesce(left(ended_at, 19), ''),"+
		" coalesce(outcome, 'running'), coalesce(timestampdiff(microsecond, started_at, ended_at), 0),"+
		" rows_read, rows_new, rows_duplicate, rows_quarantined from "+identifier(table)+which)
	if err != nil {
		return nil, err
	}
	runs := make([]RunRecord, len(rows.Rows))
	for i, cells := range rows.Rows {
		r := RunRecord{ID: cells[1].Text, Started: cells[2].Text, Ended: cells[3].Text, Outcome: cells[4].Text}
		microseconds := 0
		counts := map[int]*int{0: &r.Number, 5: &microseconds, 6: &r.RowsRead, 7: &r.RowsNew, 8: &r.RowsDuplicate, 9: &r.RowsQuarantined}
		for column, n := range counts {
			if *n, err = strconv.Atoi(cells[column].Text); err != nil {
				return nil, fmt.Errorf("run history, column %s: %w", rows.Columns[column], err)
			}
		}
		r.Seconds = float64(microseconds) / 1e6
		runs[i] = r
	}
	return runs, nil
}
