package ops

import (
	"context"
	"fmt"
	"slices"

	"store-events/ops/internal/query"
)

// EventLineage describes where an event came from, and where it is stored.
type EventLineage struct {
	Key string `json:"key"`
	// Row is the event's row with its columns; empty if it is not in the table.
	Row Rows `json:"row"`
	// Stored is the batch and the Parquet of the row.
	Stored *BatchDay `json:"stored,omitempty"`
	// Ranges are the ranges that the row's batch has loaded: one of them contains the event.
	Ranges []LineRange `json:"ranges"`
	// Places are the lines with the event in versions that still exist in S3.
	Places []EventPlace `json:"places"`
	// NotSearched counts ranges whose version no longer exists in S3, or that are
	// beyond the limit.
	NotSearched int `json:"not_searched"`
}

// EventLineage traces an event, by its key, back to the objects that contain it.
func (o *Ops) EventLineage(ctx context.Context, key string) (EventLineage, error) {
	l := EventLineage{Key: key, Row: Rows{Columns: []string{}, Rows: [][]Cell{}}, Ranges: []LineRange{}, Places: []EventPlace{}}
	columns, err := o.db.Columns(ctx, o.stack.TargetTable)
	if err != nil || len(columns) == 0 {
		return l, err
	}
	_, hashed := columns[o.contract.KeyHash()]
	l.Row, err = o.db.Query(ctx, fmt.Sprintf("select * from %s where %s",
		query.Identifier(o.stack.TargetTable), query.KeysIn(o.contract, hashed, []string{key})))
	if err != nil || len(l.Row.Rows) == 0 {
		return l, err
	}
	batch, day := slices.Index(l.Row.Columns, "batch_id"), slices.Index(l.Row.Columns, o.contract.PartitionKey)
	if batch < 0 || day < 0 {
		return l, fmt.Errorf("the table %s does not have the job's columns", o.stack.TargetTable)
	}
	stored, err := o.batchDay(ctx, l.Row.Rows[0][batch].Text, l.Row.Rows[0][day].Text)
	if err != nil {
		return l, err
	}
	stored.Rows, l.Stored = 1, &stored
	if l.Ranges, err = o.ledger.RangesOfBatch(ctx, stored.Batch, lineageRanges); err != nil {
		return l, err
	}
	return l, o.findEvent(ctx, &l)
}

// findEvent searches the objects that the event's batch has loaded.
func (o *Ops) findEvent(ctx context.Context, l *EventLineage) error {
	job, err := o.jobSettings(ctx)
	if err != nil {
		return err
	}
	for i, r := range l.Ranges {
		if i == lineageCandidates {
			l.NotSearched += len(l.Ranges) - i
			break
		}
		current := false
		err := o.eachLine(ctx, job.contract, r.Object, func(p EventPlace) bool {
			current = p.Version == r.Version
			if current && p.Key == l.Key && p.Line >= r.FirstLine {
				p.Batch, p.Run = l.Stored.Batch, l.Stored.Run
				l.Places = append(l.Places, p)
			}
			return current && p.Line < r.LastLine
		})
		if err != nil && o.bucket.Unreadable(ctx, r.Object, err) == "" {
			return err
		}
		if !current {
			l.NotSearched++
		}
	}
	return nil
}
