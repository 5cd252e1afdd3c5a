package ops

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"
	"strings"
)

// Verification is how the events in S3, the rows of the target table and those
// of the curated Parquet compare. They are to be the same set, but for rows
// that were loaded from objects that S3 has no more.
type Verification struct {
	Objects    int `json:"objects"`    // Event objects in S3.
	Lines      int `json:"lines"`      // Blank ones do not count.
	Events     int `json:"events"`     // Different valid ones.
	Duplicates int `json:"duplicates"` // Valid lines whose key another line has.
	Invalid    int `json:"invalid"`    // Invalid lines.

	// Unread are objects that cannot be read now, with the reason: they are
	// archived, forbidden, or were deleted meanwhile. What was loaded of them
	// before counts among the earlier rows. UnreadReasons counts them.
	Unread        Findings       `json:"unread"`
	UnreadReasons map[string]int `json:"unread_reasons,omitempty"`

	Rows        int `json:"rows"`
	ParquetRows int `json:"parquet_rows"`
	Quarantined int `json:"quarantined"` // Entries in quarantine, of what is in S3 now.

	// Rows and quarantine entries from objects that were overwritten or deleted.
	EarlierRows       int `json:"earlier_rows"`
	EarlierQuarantine int `json:"earlier_quarantine"`

	MissingRows       Findings `json:"missing_rows"`       // Events without a row.
	SurplusRows       Findings `json:"surplus_rows"`       // Rows without an event.
	MissingParquet    Findings `json:"missing_parquet"`    // Events that are not in the Parquet.
	SurplusParquet    Findings `json:"surplus_parquet"`    // Parquet rows without an event.
	RepeatedParquet   Findings `json:"repeated_parquet"`   // Parquet rows beyond the first of an event.
	DifferentParquet  Findings `json:"different_parquet"`  // Events whose row and Parquet have other values.
	MissingQuarantine Findings `json:"missing_quarantine"` // Invalid lines without their entry.
	SurplusQuarantine Findings `json:"surplus_quarantine"` // Entries without their line.
	UncoveredDays     Findings `json:"uncovered_days"`     // Days of the Parquet that Athena's table leaves out.
	ForeignObjects    Findings `json:"foreign_objects"`    // Not the job's, and Athena reads them.
	PassedOver        Findings `json:"passed_over"`        // Not the job's, but Athena passes over them: no difference.
}

// Verify reads everything and compares. A difference is in the result, and no
// error: see Err.
func (o *Ops) Verify(ctx context.Context) (Verification, error) {
	job, err := o.jobSettings(ctx)
	if err != nil {
		return Verification{}, err
	}
	c := newCensus(job)
	for _, step := range []struct {
		what string
		read func(context.Context, *census) error
	}{
		{"the event objects of s3://" + o.stack.Bucket, o.readEvents},
		{"the quarantine", o.readQuarantine},
		{"the ledger", o.readLedger},
		{"the days of the Parquet", o.readDays},
		{"the names of the Parquet", o.readForeign},
		{"the rows of " + o.stack.TargetTable + " and of the Parquet", o.readRows},
	} {
		o.say("reading %s", step.what)
		if err := step.read(ctx, c); err != nil {
			return Verification{}, c.blame(err)
		}
	}
	v := c.compare()
	return v, o.explain(ctx, c.fields, v.DifferentParquet)
}

func (o *Ops) readQuarantine(ctx context.Context, c *census) error {
	return o.eachQuarantined(ctx, o.contract.Prefixes.Quarantine+"/", func(ctx context.Context, q quarantined) error {
		err := o.eachEntry(ctx, q, func(e QuarantineEntry) error {
			c.quarantined(q, e)
			return nil
		})
		return err
	})
}

// readLedger finds the batches that loaded versions of objects that S3 has no
// more, and those so old that the ledger may have forgotten such versions.
func (o *Ops) readLedger(ctx context.Context, c *census) error {
	forgotten, err := o.forgotten(ctx, c.job)
	if err != nil {
		return err
	}
	gone := map[int64]bool{}
	c.earlier = func(batch int64) bool { return batch < forgotten || gone[batch] }
	return o.eachPart(ctx, func(p part) {
		if c.versions[p.object] != p.version {
			gone[p.batch] = true
		}
	})
}

// readRows reads the target table, which the first ingest makes, and the
// Parquet.
func (o *Ops) readRows(ctx context.Context, c *census) error {
	exists, err := o.tableExists(ctx, o.stack.TargetTable)
	if err != nil {
		return err
	}
	seed := maphash.MakeSeed()
	if exists {
		if c.fields, err = o.columnsOf(ctx, c.job.contract); err != nil {
			return err
		}
		visit := func(key string, batch int64, fields []Cell) { c.row(key, batch, hashOf(seed, fields)) }
		if err := o.query(ctx, o.tableValues(c.fields), values{fields: c.fields, table: true, visit: visit}); err != nil {
			return err
		}
	}
	visit := func(key string, _ int64, fields []Cell) { c.parquet(key, hashOf(seed, fields)) }
	return o.queryAthena(ctx, o.parquetValues(c.fields), values{fields: c.fields, visit: visit})
}

// blame adds to the error of a failed Athena query the objects that are likely to
// be its cause.
func (c *census) blame(err error) error {
	var failed *queryError
	if f := c.result.ForeignObjects; errors.As(err, &failed) && f.Total > 0 {
		return fmt.Errorf("%w\n%d objects in the Parquet's folders are not the job's: %s", err, f.Total, f)
	}
	return err
}

// reasons are counts by reason, as "2 archived, 1 gone".
func reasons(counts map[string]int) string {
	var texts []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%d %s", counts[reason], reason))
	}
	return strings.Join(texts, ", ")
}

// kinds are the findings with what they are called.
func (v Verification) kinds() []kind {
	return []kind{
		{"events without a row", v.MissingRows},
		{"rows without an event", v.SurplusRows},
		{"events without Parquet", v.MissingParquet},
		{"Parquet rows without an event", v.SurplusParquet},
		{"repeated Parquet rows", v.RepeatedParquet},
		{"Parquet rows that differ from their rows", v.DifferentParquet},
		{"invalid lines without a quarantine entry", v.MissingQuarantine},
		{"quarantine entries without a line", v.SurplusQuarantine},
		{"objects in the Parquet's folders that the job did not write", v.ForeignObjects},
		{"days of the Parquet outside of the range of Athena's table (days in schema/contract.json)", v.UncoveredDays},
	}
}

type kind struct {
	name     string
	findings Findings
}

// OK reports whether everything is where it belongs, exactly once.
func (v Verification) OK() bool { return v.Err() == nil }

// Err names what differs; nil if nothing does.
func (v Verification) Err() error {
	var errs []error
	for _, k := range v.kinds() {
		if k.findings.Total > 0 {
			errs = append(errs, fmt.Errorf("%d %s: %s", k.findings.Total, k.name, k.findings))
		}
	}
	if n := v.UnreadReasons[forbidden]; n > 0 {
		errs = append(errs, fmt.Errorf("%d objects may not be read with these credentials, so that their events cannot be checked", n))
	}
	return errors.Join(errs...)
}

// Summary is the result in one line.
func (v Verification) Summary() string {
	text := fmt.Sprintf("%d events in %d objects, %d rows, %d Parquet rows, %d of %d invalid lines quarantined, %d repeated lines",
		v.Events, v.Objects, v.Rows, v.ParquetRows, v.Invalid-v.MissingQuarantine.Total, v.Invalid, v.Duplicates)
	if v.EarlierRows+v.EarlierQuarantine > 0 {
		text += fmt.Sprintf("; of objects that are no more: %d rows, %d quarantined lines", v.EarlierRows, v.EarlierQuarantine)
	}
	if v.Unread.Total > 0 {
		text += fmt.Sprintf("; %d objects cannot be read now (%s): %s", v.Unread.Total, reasons(v.UnreadReasons), v.Unread)
	}
	if v.PassedOver.Total > 0 {
		text += fmt.Sprintf("; %d objects in the Parquet's folders are not the job's, and Athena passes over them: %s", v.PassedOver.Total, v.PassedOver)
	}
	if v.OK() {
		return "exactly once: " + text
	}
	return "NOT exactly once: " + text
}
