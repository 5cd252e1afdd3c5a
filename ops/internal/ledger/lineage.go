package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"
	"strings"

	"store-events/ops/internal/query"
)

// LineRange is a range of lines that one batch has loaded from a version of an
// object, and that batch. The batch's counts include all its objects.
type LineRange struct {
	Object      string `json:"object"` // Key in the events bucket.
	Version     string `json:"version"`
	FirstLine   int    `json:"first_line"`
	LastLine    int    `json:"last_line"`
	Lines       int    `json:"lines"`
	Quarantined int    `json:"quarantined"`
	Complete    bool   `json:"complete"` // It ends with the object's last line.

	Batch          int64  `json:"batch"`
	Run            int    `json:"run"`
	RunID          string `json:"run_id"`
	BatchRead      int    `json:"batch_rows_read"`
	BatchNew       int    `json:"batch_rows_new"`
	BatchDuplicate int    `json:"batch_rows_duplicate"`
	// Committed and Parquet are UTC, yyyy-mm-dd hh:mm:ss. Parquet is empty until the
	// batch's Parquet is written.
	Committed string `json:"committed"`
	Parquet   string `json:"parquet,omitempty"`
}

// RangesOfObject returns up to limit ranges of an object's versions, the newest
// batch first.
func (l Ledger) RangesOfObject(ctx context.Context, address string, limit int) ([]LineRange, error) {
	return l.ranges(ctx, fmt.Sprintf("object_id = %s and source_object = %s", objectID(address), query.Literal(address)), limit)
}

// RangesOfBatch returns up to limit ranges that a batch has loaded.
func (l Ledger) RangesOfBatch(ctx context.Context, batch int64, limit int) ([]LineRange, error) {
	return l.ranges(ctx, fmt.Sprintf("batch_id = %d", batch), limit)
}

// objectID returns the literal of an object's hash in the job's table: see identity
// in glue/store_events/source/objects.py.
func objectID(address string) string {
	sum := sha256.Sum256([]byte(address))
	return fmt.Sprintf("x'%x'", sum[:16])
}

func (l Ledger) ranges(ctx context.Context, condition string, limit int) ([]LineRange, error) {
	found := []LineRange{}
	rows, err := l.DB.Query(ctx, fmt.Sprintf("select source_object, version, first_line, last_line, o.rows_read, o.rows_quarantined, complete, batch_id,"+
		" coalesce(run_id, ''), coalesce(b.rows_read, 0), coalesce(rows_new, 0), coalesce(rows_duplicate, 0),"+
		" coalesce(left(committed_at, 19), ''), coalesce(left(parquet_at, 19), '')"+
		" from %s o left join %s b using (batch_id) where %s order by batch_id desc, first_line limit %d",
		query.Identifier(l.Contract.Ledger.Objects), query.Identifier(l.Contract.Ledger.Batches), condition, limit))
	if err = query.IgnoreNoTable(err, l.Contract.Ledger.Objects); err != nil {
		return found, err
	}
	for _, cells := range rows.Rows {
		r := LineRange{
			Object: l.ObjectKey(cells[0].Text), Version: cells[1].Text, Complete: cells[6].Text == "1",
			RunID: cells[8].Text, Committed: cells[12].Text, Parquet: cells[13].Text,
		}
		if r.Batch, err = strconv.ParseInt(cells[7].Text, 10, 64); err != nil {
			return found, fmt.Errorf("read the ledger: %w", err)
		}
		r.Run = RunOf(r.Batch)
		counts := map[int]*int{
			2: &r.FirstLine, 3: &r.LastLine, 4: &r.Lines, 5: &r.Quarantined, 9: &r.BatchRead, 10: &r.BatchNew, 11: &r.BatchDuplicate,
		}
		if err := numbers(rows, cells, counts); err != nil {
			return found, err
		}
		found = append(found, r)
	}
	return found, nil
}

func numbers(rows query.Rows, cells []query.Cell, into map[int]*int) (err error) {
	for column, n := range into {
		if *n, err = strconv.Atoi(cells[column].Text); err != nil {
			return fmt.Errorf("read the ledger, column %s: %w", rows.Columns[column], err)
		}
	}
	return nil
}

// addressBegins returns the condition that an object's URL begins with a prefix.
func addressBegins(prefix string) string {
	return "source_object like " + query.Literal(strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(prefix)+"%")
}

// QuarantinedVersion is a version of an object that was loaded and has quarantined lines.
type QuarantinedVersion struct {
	ObjectVersion
	Lines int
	Batch int64 // The last batch that loaded lines of it.
}

// QuarantinedVersions returns up to limit versions with quarantined lines, the newest batch
// first, of the objects whose URL begins with a prefix. It skips the first after versions.
func (l Ledger) QuarantinedVersions(ctx context.Context, prefix string, after, limit int) ([]QuarantinedVersion, error) {
	found := []QuarantinedVersion{}
	rows, err := l.DB.Query(ctx, fmt.Sprintf("select source_object, version, sum(rows_quarantined), max(batch_id) from %s"+
		" where rows_quarantined > 0 and %s group by source_object, version, object_id"+
		" order by max(batch_id) desc, source_object, version limit %d offset %d",
		query.Identifier(l.Contract.Ledger.Objects), addressBegins(prefix), limit, after))
	if err = query.IgnoreNoTable(err, l.Contract.Ledger.Objects); err != nil {
		return found, err
	}
	for _, cells := range rows.Rows {
		v := QuarantinedVersion{ObjectVersion: ObjectVersion{l.ObjectKey(cells[0].Text), cells[1].Text}}
		if v.Batch, err = strconv.ParseInt(cells[3].Text, 10, 64); err != nil {
			return found, fmt.Errorf("read the ledger: %w", err)
		}
		if err := numbers(rows, cells, map[int]*int{2: &v.Lines}); err != nil {
			return found, err
		}
		found = append(found, v)
	}
	return found, nil
}
