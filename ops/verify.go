package ops

import (
	"context"
	"errors"
	"fmt"
)

// Verification is how the events in S3, the rows of the target table and those
// of the curated Parquet compare. They are to be the same set.
type Verification struct {
	Objects    int `json:"objects"`    // Event objects in S3.
	Lines      int `json:"lines"`      // Blank ones do not count.
	Events     int `json:"events"`     // Different valid ones.
	Duplicates int `json:"duplicates"` // Valid lines whose key another line has.
	Invalid    int `json:"invalid"`    // Lines that are no events.

	Rows        int `json:"rows"`
	ParquetRows int `json:"parquet_rows"`
	Quarantined int `json:"quarantined"` // Entries in quarantine.

	MissingRows       Findings `json:"missing_rows"`       // Events that are no rows.
	SurplusRows       Findings `json:"surplus_rows"`       // Rows that are no events.
	MissingParquet    Findings `json:"missing_parquet"`    // Events that are not in the Parquet.
	SurplusParquet    Findings `json:"surplus_parquet"`    // Parquet rows that are no events.
	RepeatedParquet   Findings `json:"repeated_parquet"`   // Parquet rows beyond the first of an event.
	MissingQuarantine Findings `json:"missing_quarantine"` // Invalid lines without their entry.
	SurplusQuarantine Findings `json:"surplus_quarantine"` // Entries without their line.
}

// Verify reads everything and compares. A difference is in the result, and no
// error: see Err.
func (o *Ops) Verify(ctx context.Context) (Verification, error) {
	c := newCensus()
	o.say("reading the event objects of s3://%s", o.stack.Bucket)
	if err := o.readEvents(ctx, c); err != nil {
		return Verification{}, err
	}
	o.say("reading the quarantine")
	if err := o.readQuarantine(ctx, c); err != nil {
		return Verification{}, err
	}
	if err := o.readRows(ctx, c); err != nil {
		return Verification{}, err
	}
	if err := o.readParquet(ctx, c); err != nil {
		return Verification{}, err
	}
	return c.compare(), nil
}

// readRows reads the keys of the target table; none before the first ingest has
// made it.
func (o *Ops) readRows(ctx context.Context, c *census) error {
	exists, err := o.targetExists(ctx)
	if err != nil || !exists {
		return err
	}
	o.say("reading the keys of %s", o.stack.TargetTable)
	return o.query(ctx, "select "+identifier(o.contract.Key)+" from "+identifier(o.stack.TargetTable), eachValue(c.row))
}

func (o *Ops) readParquet(ctx context.Context, c *census) error {
	o.say("reading the keys of the Parquet")
	key, table := athenaIdentifier(o.contract.Key), athenaIdentifier(o.stack.CuratedTable)
	return o.queryAthena(ctx, "select "+key+" from "+table, eachValue(c.parquet))
}

// kinds are the findings with what they are called.
func (v Verification) kinds() []kind {
	return []kind{
		{"events without a row", v.MissingRows},
		{"rows without an event", v.SurplusRows},
		{"events without Parquet", v.MissingParquet},
		{"Parquet rows without an event", v.SurplusParquet},
		{"repeated Parquet rows", v.RepeatedParquet},
		{"invalid lines without a quarantine entry", v.MissingQuarantine},
		{"quarantine entries without a line", v.SurplusQuarantine},
	}
}

type kind struct {
	name     string
	findings Findings
}

// OK tells whether everything is where it is to be, exactly once.
func (v Verification) OK() bool { return v.Err() == nil }

// Err names what differs; nil if nothing does.
func (v Verification) Err() error {
	var errs []error
	for _, k := range v.kinds() {
		if k.findings.Total > 0 {
			errs = append(errs, fmt.Errorf("%d %s: %s", k.findings.Total, k.name, k.findings))
		}
	}
	return errors.Join(errs...)
}

// Summary is the result in one line.
func (v Verification) Summary() string {
	text := fmt.Sprintf("%d events in %d objects, %d rows, %d Parquet rows, %d of %d invalid lines quarantined, %d repeated lines",
		v.Events, v.Objects, v.Rows, v.ParquetRows, v.Invalid-v.MissingQuarantine.Total, v.Invalid, v.Duplicates)
	if v.OK() {
		return "exactly once: " + text
	}
	return "NOT exactly once: " + text
}
