package ledger

import (
	"context"
	"fmt"
	"strconv"

	"store-events/ops/internal/query"
)

// ObjectVersion is the key of an event object and the ETag of one of its versions.
type ObjectVersion struct{ Object, Version string }

// Part is the part of a version of an object that one batch has loaded.
type Part struct {
	ObjectVersion
	Complete bool // It ends with the object's last line.
	Batch    int64
}

// EachPart visits the parts of all objects.
func (l Ledger) EachPart(ctx context.Context, visit func(Part)) error {
	err := l.DB.Run(ctx, "select source_object, version, complete, batch_id from "+query.Identifier(l.Contract.Ledger.Objects),
		query.EachRow(func(cells []query.Cell) error {
			batch, err := strconv.ParseInt(cells[3].Text, 10, 64)
			if err != nil {
				return fmt.Errorf("read the ledger: %w", err)
			}
			visit(Part{ObjectVersion{l.ObjectKey(cells[0].Text), cells[1].Text}, cells[2].Text == "1", batch})
			return nil
		}))
	return query.IgnoreNoTable(err, l.Contract.Ledger.Objects)
}

// EachReplaced visits the batches that have read more lines than their parts contain:
// a backfill or a replay has moved some of their objects to a later batch, or the
// ledger has deleted them. It also visits batches without a run, whose entries were
// restored from the table, so that their objects are unknown.
func (l Ledger) EachReplaced(ctx context.Context, visit func(batch int64)) error {
	err := l.DB.Run(ctx, fmt.Sprintf("select batch_id from %s b left join %s o using (batch_id)"+
		" group by batch_id, b.rows_read, b.run_id having b.run_id = '' or b.rows_read > coalesce(sum(o.rows_read), 0)",
		query.Identifier(l.Contract.Ledger.Batches), query.Identifier(l.Contract.Ledger.Objects)),
		query.EachRow(func(cells []query.Cell) error {
			batch, err := strconv.ParseInt(cells[0].Text, 10, 64)
			if err != nil {
				return fmt.Errorf("read the batches of the ledger: %w", err)
			}
			visit(batch)
			return nil
		}))
	return query.IgnoreNoTable(err, l.Contract.Ledger.Batches)
}

// EachForgotten visits the runs whose batches have read more lines than those in the
// ledger: it has deleted a batch together with its objects. It may keep objects for a longer
// time since then.
func (l Ledger) EachForgotten(ctx context.Context, visit func(run int)) error {
	err := l.DB.Run(ctx, fmt.Sprintf("select run_number from %s r left join"+
		" (select batch_id div %d as run, sum(rows_read) as rows_read from %s group by 1) b on b.run = r.run_number"+
		" where r.rows_read > coalesce(b.rows_read, 0)",
		query.Identifier(l.Contract.Ledger.Runs), BatchesPerRun, query.Identifier(l.Contract.Ledger.Batches)),
		query.EachRow(func(cells []query.Cell) error {
			run, err := strconv.Atoi(cells[0].Text)
			if err != nil {
				return fmt.Errorf("read the runs of the ledger: %w", err)
			}
			visit(run)
			return nil
		}))
	return query.IgnoreNoTable(err, l.Contract.Ledger.Runs)
}

// CompleteVersions returns the versions of objects that were loaded completely.
func (l Ledger) CompleteVersions(ctx context.Context) (map[ObjectVersion]bool, error) {
	complete := map[ObjectVersion]bool{}
	err := l.EachPart(ctx, func(p Part) {
		if p.Complete {
			complete[p.ObjectVersion] = true
		}
	})
	return complete, err
}

// Quarantined counts the quarantined lines and their loaded object versions, for objects
// whose URL begins with a prefix.
func (l Ledger) Quarantined(ctx context.Context, prefix string) (lines, versions int, err error) {
	err = l.DB.Numbers(ctx, "select coalesce(sum(rows_quarantined), 0), count(distinct object_id, version) from "+
		query.Identifier(l.Contract.Ledger.Objects)+" where rows_quarantined > 0 and "+addressBegins(prefix), &lines, &versions)
	return lines, versions, query.IgnoreNoTable(err, l.Contract.Ledger.Objects)
}

// Quarantine counts the quarantined lines of an object version. If the version is not
// loaded completely, the remaining lines may add to them.
type Quarantine struct {
	Lines    int
	Complete bool
}

// Quarantines returns the object versions that have quarantined lines or are not loaded completely.
func (l Ledger) Quarantines(ctx context.Context) (map[ObjectVersion]Quarantine, error) {
	found := map[ObjectVersion]Quarantine{}
	err := l.DB.Run(ctx, "select max(source_object), version, sum(rows_quarantined), max(complete) from "+
		query.Identifier(l.Contract.Ledger.Objects)+" group by object_id, version having sum(rows_quarantined) > 0 or not max(complete)",
		query.EachRow(func(cells []query.Cell) error {
			lines, err := strconv.Atoi(cells[2].Text)
			if err != nil {
				return fmt.Errorf("read the quarantined lines of the ledger: %w", err)
			}
			found[ObjectVersion{l.ObjectKey(cells[0].Text), cells[1].Text}] = Quarantine{lines, cells[3].Text == "1"}
			return nil
		}))
	return found, query.IgnoreNoTable(err, l.Contract.Ledger.Objects)
}
