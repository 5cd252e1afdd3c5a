package ops

import (
	"context"
	"maps"
	"slices"

	"store-events/ops/internal/query"
	"store-events/ops/internal/verify"
)

// A comparison of some days reads the objects that have one of these days in their
// names. Their rows have the same day, and the table is ordered by batch, so the rows
// are read from the objects' batches in the ledger and from the batches in the names of
// these days' Parquet: after a backfill, an object's batch differs from the batch of its rows.

// selectRows returns the statements that select the rows to compare.
func (v *verification) selectRows() []string {
	if v.days.all() {
		return []string{v.table.Select()}
	}
	var statements []string
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(v.batches)), query.MaxKeys) {
		statements = append(statements, v.table.SelectBatches(v.days.From, v.days.To, chunk))
	}
	return statements
}

// lookUp reads the rows of events without a row so far by their keys: they may have been
// loaded first from an object of another day.
func (v *verification) lookUp(ctx context.Context) error {
	without := v.index.WithoutRow()
	if len(without) > 0 {
		v.poll.Progressf("looking up %d events that have no row of these days", len(without))
	}
	for _, chunk := range query.KeyChunks(without) {
		err := v.db.Run(ctx, v.table.SelectKeys(chunk), v.table.Visit(func(r verify.Row) {
			v.addRow(r)
			if r.Day < v.days.From || r.Day > v.days.To {
				v.others[r.Key] = r.Day
			}
		}))
		if err != nil {
			return err
		}
	}
	return nil
}

// maxParquetKeys and maxParquetBytes limit the keys of a query: Athena accepts 256 KiB, with the days.
// https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
const (
	maxParquetKeys  = 3000
	maxParquetBytes = 128 << 10
)

// selectParquet returns the statements that select the Parquet to compare, by the days of the rows.
func (v *verification) selectParquet() []string {
	if v.days.all() {
		return []string{v.parquet.Select()}
	}
	statements := []string{v.parquet.SelectDays(v.days.From, v.days.To)}
	days := slices.Compact(slices.Sorted(maps.Values(v.others)))
	size := func(key string) int { return len(query.AthenaLiteral(key) + ", ") }
	for _, chunk := range query.Chunks(slices.Sorted(maps.Keys(v.others)), maxParquetKeys, maxParquetBytes, size) {
		statements = append(statements, v.parquet.SelectKeysOfDays(chunk, days))
	}
	return statements
}
