package ledger

import (
	"context"
	"fmt"

	"store-events/ops/internal/query"
)

// Run is a run of the job in the ledger's history.
type Run struct {
	Number int    `json:"number"`
	ID     string `json:"id"`
	// Started and Ended are UTC, yyyy-mm-dd hh:mm:ss. Ended is empty during the run, and if it died.
	Started string `json:"started"`
	Ended   string `json:"ended,omitempty"`
	// Outcome is succeeded, failed or died, or running if it is not recorded. The
	// next run records that a run died.
	Outcome string `json:"outcome"`
	// Seconds is the run's duration, 0 before its end.
	Seconds         float64 `json:"seconds,omitempty"`
	RowsRead        int     `json:"rows_read"`
	RowsNew         int     `json:"rows_new"`
	RowsDuplicate   int     `json:"rows_duplicate"`
	RowsQuarantined int     `json:"rows_quarantined"`
	// Unread counts the objects that could not be read, by reason. It is from the
	// run's manifest, and empty without one.
	Unread map[string]int `json:"unread,omitempty"`
	// Listing is how the run found its objects, full or feed. It is from the manifest too.
	Listing string `json:"listing,omitempty"`
}

// LastRuns returns up to limit runs, the newest first; all runs for limit 0.
func (l Ledger) LastRuns(ctx context.Context, limit int) ([]Run, error) {
	clauses := " order by run_number desc"
	if limit > 0 {
		clauses += fmt.Sprintf(" limit %d", limit)
	}
	return l.runs(ctx, clauses)
}

// RunsBefore returns up to limit runs below the number before, the newest first, and
// the total number of runs. If before is 0, it begins with the newest run.
func (l Ledger) RunsBefore(ctx context.Context, before, limit int) (page []Run, total int, err error) {
	where := ""
	if before > 0 {
		where = fmt.Sprintf(" where run_number < %d", before)
	}
	page, err = l.runs(ctx, fmt.Sprintf("%s order by run_number desc limit %d", where, limit))
	if err != nil || len(page) == 0 && before == 0 {
		return page, 0, err
	}
	err = l.DB.Numbers(ctx, "select count(*) from "+query.Identifier(l.Contract.Ledger.Runs), &total)
	return page, total, query.IgnoreNoTable(err, l.Contract.Ledger.Runs)
}

// Run returns the run with a number; false if there is none.
func (l Ledger) Run(ctx context.Context, number int) (Run, bool, error) {
	found, err := l.runs(ctx, fmt.Sprintf(" where run_number = %d", number))
	if err != nil || len(found) == 0 {
		return Run{}, false, err
	}
	return found[0], true, nil
}

// runs reads the history; clauses are appended to the statement.
func (l Ledger) runs(ctx context.Context, clauses string) ([]Run, error) {
	rows, err := l.DB.Query(ctx, "select run_number, run_id, left(started_at, 19), coalesce(left(ended_at, 19), ''),"+
		" coalesce(outcome, 'running'), coalesce(timestampdiff(microsecond, started_at, ended_at), 0),"+
		" rows_read, rows_new, rows_duplicate, rows_quarantined from "+query.Identifier(l.Contract.Ledger.Runs)+clauses)
	if err = query.IgnoreNoTable(err, l.Contract.Ledger.Runs); err != nil {
		return nil, err
	}
	runs := make([]Run, len(rows.Rows))
	for i, cells := range rows.Rows {
		r := Run{ID: cells[1].Text, Started: cells[2].Text, Ended: cells[3].Text, Outcome: cells[4].Text}
		microseconds := 0
		counts := map[int]*int{0: &r.Number, 5: &microseconds, 6: &r.RowsRead, 7: &r.RowsNew, 8: &r.RowsDuplicate, 9: &r.RowsQuarantined}
		if err := numbers(rows, cells, counts); err != nil {
			return nil, err
		}
		r.Seconds = float64(microseconds) / 1e6
		runs[i] = r
	}
	return runs, nil
}

// BatchesPerRun is the size of a run's range of batch IDs: see batch_id in
// glue/store_events/mysql/ledger.py. They begin with the run's number.
const BatchesPerRun = 100_000_000

// RunOf returns the number of a batch's run.
func RunOf(batch int64) int { return int(batch / BatchesPerRun) }

// FirstRemembered returns the first batch ID of the runs that the ledger still
// contains completely, if it deletes objects after this number of days.
func (l Ledger) FirstRemembered(ctx context.Context, days int) (int64, error) {
	run := -1
	err := l.DB.Numbers(ctx, fmt.Sprintf("select coalesce(max(run_number), -1) from %s where started_at < utc_timestamp() - interval %d day",
		query.Identifier(l.Contract.Ledger.Runs), days), &run)
	return int64(run+1) * BatchesPerRun, query.IgnoreNoTable(err, l.Contract.Ledger.Runs)
}
