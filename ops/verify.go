package ops

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"store-events/ops/internal/query"
	"store-events/ops/internal/verify"
	"store-events/schema"
)

// Verification compares the events in S3, the rows, the Parquet and the quarantine.
type Verification = verify.Result

// Findings counts the differences of a kind and lists the first ones.
type Findings = verify.Findings

// Finding is one difference.
type Finding = verify.Finding

// verification is the state of one comparison.
type verification struct {
	*Ops
	job   jobSettings
	days  Days // Days of the compared objects; without limits for all.
	index *verify.Index
	// batches are the batches of the days' objects and Parquet. others maps the keys of
	// events whose rows have other days to those days.
	batches map[int64]bool
	others  map[string]string
	// table and parquet are the compared tables; rows are compared by hashes with the seed.
	table, parquet verify.Table
	seed           maphash.Seed
}

// Verify reads and compares everything. Differences are in the result and its Err; the
// returned error is about data that could not be read.
func (o *Ops) Verify(ctx context.Context) (Verification, error) { return o.VerifyDays(ctx, Days{}) }

// VerifyDays is like Verify, but compares only the objects of a range of days and the
// data loaded from them.
func (o *Ops) VerifyDays(ctx context.Context, days Days) (Verification, error) {
	if !days.all() {
		if err := days.CheckClosed(); err != nil {
			return Verification{}, err
		}
	}
	job, err := o.jobSettings(ctx)
	if err != nil {
		return Verification{}, err
	}
	v := &verification{Ops: o, job: job, days: days, index: verify.NewIndex(), batches: map[int64]bool{}, others: map[string]string{}, seed: maphash.MakeSeed()}
	v.index.Result.From, v.index.Result.To = days.From, days.To
	for _, step := range []struct {
		what string
		read func(context.Context) error
	}{
		{"the event objects of s3://" + o.stack.Bucket, v.readEvents},
		{"the quarantine", v.readQuarantine},
		{"the ledger", v.readLedger},
		{"the names of the Parquet", v.readCurated},
		{"the rows of " + o.stack.TargetTable + " and of the Parquet", v.readRows},
	} {
		o.poll.Progressf("reading %s", step.what)
		if err := step.read(ctx); err != nil {
			return Verification{}, v.withForeign(err)
		}
	}
	result := v.index.Compare()
	return result, v.explain(ctx, result.DifferentParquet)
}

// readRows reads the target table, which the first ingest creates, and the
// Parquet.
func (v *verification) readRows(ctx context.Context) error {
	columns, err := v.db.Columns(ctx, v.stack.TargetTable)
	if err != nil {
		return err
	}
	// The key is always compared. A column of extraColumns is missing until a run has created it.
	fields := slices.DeleteFunc(slices.Concat(v.job.contract.Fields, []schema.Field{schema.Extra}), func(f schema.Field) bool {
		return f.Name == v.contract.Key || columns[f.Name] == ""
	})
	_, hashed := columns[v.contract.KeyHash()]
	v.table = verify.Table{Name: v.stack.TargetTable, Contract: v.contract, Fields: fields, Hashed: hashed}
	v.parquet = verify.Table{Name: v.stack.CuratedTable, Contract: v.contract, Fields: fields, Parquet: true}
	if len(columns) > 0 {
		if err := v.readTable(ctx); err != nil {
			return err
		}
	}
	for _, statement := range v.selectParquet() {
		if err := v.athena.Run(ctx, statement, v.parquet.Visit(v.addParquet)); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) readTable(ctx context.Context) error {
	for _, statement := range v.selectRows() {
		if err := v.db.Run(ctx, statement, v.table.Visit(v.addRow)); err != nil {
			return err
		}
	}
	if v.days.all() {
		return nil
	}
	return v.lookUp(ctx)
}

func (v *verification) addRow(r verify.Row) { v.index.AddRow(r.Key, r.Batch, r.Hash(v.seed)) }

func (v *verification) addParquet(r verify.Row) { v.index.AddParquet(r.Key, r.Hash(v.seed)) }

// explain adds the names of the differing columns to the listed events whose row and
// Parquet differ. In a comparison of some days, their Parquet is in the objects' days,
// or in the rows' days if objects of other days were loaded first.
func (v *verification) explain(ctx context.Context, different Findings) error {
	if different.Total == 0 {
		return nil
	}
	var keys []string
	days := map[string]bool{}
	for _, f := range different.First {
		keys = append(keys, f.Key)
		days[dayOf(f.Object)] = true
	}
	rows, parquet := map[string][]query.Cell{}, map[string][]query.Cell{}
	if err := v.db.Run(ctx, v.table.SelectKeys(keys), v.table.Visit(func(r verify.Row) {
		rows[r.Key], days[r.Day] = r.Values, true
	})); err != nil {
		return err
	}
	delete(days, "") // The day of no object.
	statement := v.parquet.SelectKeys(keys)
	if !v.days.all() && len(days) > 0 {
		statement = v.parquet.SelectKeysOfDays(keys, slices.Sorted(maps.Keys(days)))
	}
	if err := v.athena.Run(ctx, statement, v.parquet.Visit(func(r verify.Row) { parquet[r.Key] = r.Values })); err != nil {
		return err
	}
	for i, f := range different.First {
		different.First[i].Detail = verify.Differing(v.table.Fields, rows[f.Key], parquet[f.Key])
	}
	return nil
}

// withForeign adds the foreign objects, the likely cause, to the error of a failed Athena query.
func (v *verification) withForeign(err error) error {
	var failed *query.Error
	if f := v.index.Result.ForeignObjects; errors.As(err, &failed) && f.Total > 0 {
		return fmt.Errorf("%w\n%d objects in the Parquet's folders were not written by the job: %s", err, f.Total, f)
	}
	return err
}
