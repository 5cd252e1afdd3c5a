// Package verify compares the events in S3 with the rows of the target table, the
// rows of the Parquet and the quarantine. The caller reads the data and adds it to an Index.
package verify

import (
	"errors"
	"fmt"

	"store-events/internal/plural"
	"store-events/ops/internal/bucket"
)

// Result is the comparison of a stack's events. Table, Parquet and valid events in
// S3 must be the same set, except for rows loaded from objects that no longer exist in S3.
type Result struct {
	// From and To are the days whose objects were compared, empty for all objects.
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`

	Objects    int `json:"objects"`    // Event objects in S3.
	Lines      int `json:"lines"`      // Without blank lines.
	Events     int `json:"events"`     // Distinct valid events.
	Duplicates int `json:"duplicates"` // Valid lines with the key of another line.
	Invalid    int `json:"invalid"`    // Invalid lines.

	// Unread lists objects that cannot be read now, with the reason: they are
	// archived, forbidden, or were deleted meanwhile. Their loaded rows are counted
	// in EarlierRows. UnreadReasons counts the reasons.
	Unread        Findings       `json:"unread"`
	UnreadReasons map[string]int `json:"unread_reasons,omitempty"`

	Rows        int `json:"rows"`
	ParquetRows int `json:"parquet_rows"`
	Quarantined int `json:"quarantined"` // Quarantined lines of the current objects in S3.

	// Rows and quarantine entries of objects that were overwritten or deleted. A
	// comparison of some days also counts the rows of objects without a day.
	EarlierRows       int `json:"earlier_rows"`
	EarlierQuarantine int `json:"earlier_quarantine"`

	MissingRows       Findings `json:"missing_rows"`       // Events without a row.
	SurplusRows       Findings `json:"surplus_rows"`       // Rows without an event.
	RepeatedRows      Findings `json:"repeated_rows"`      // Rows after the first of an event.
	MissingParquet    Findings `json:"missing_parquet"`    // Events that are not in the Parquet.
	SurplusParquet    Findings `json:"surplus_parquet"`    // Parquet rows without an event.
	RepeatedParquet   Findings `json:"repeated_parquet"`   // Parquet rows after the first of an event.
	DifferentParquet  Findings `json:"different_parquet"`  // Events whose row and Parquet differ.
	MissingQuarantine Findings `json:"missing_quarantine"` // Invalid lines without their entry.
	SurplusQuarantine Findings `json:"surplus_quarantine"` // Entries without their line.
	UncoveredDays     Findings `json:"uncovered_days"`     // Days of the Parquet outside the range of Athena's table.
	ForeignObjects    Findings `json:"foreign_objects"`    // Not written by the job, and read by Athena.
	PassedOver        Findings `json:"passed_over"`        // Not written by the job, and not read: not a difference.
}

type kind struct {
	name     string
	findings Findings
}

// kinds returns the differences with their names.
func (r Result) kinds() []kind {
	return []kind{
		{"events without a row", r.MissingRows},
		{"rows without an event", r.SurplusRows},
		{"repeated rows", r.RepeatedRows},
		{"events without Parquet", r.MissingParquet},
		{"Parquet rows without an event", r.SurplusParquet},
		{"repeated Parquet rows", r.RepeatedParquet},
		{"Parquet rows that differ from their rows", r.DifferentParquet},
		{"invalid lines without a quarantine entry", r.MissingQuarantine},
		{"quarantine entries without a line", r.SurplusQuarantine},
		{"objects in the Parquet's folders that the job did not write", r.ForeignObjects},
		{"days of the Parquet outside of the range of Athena's table (days in schema/contract.json)", r.UncoveredDays},
	}
}

// OK reports whether every event is stored exactly once.
func (r Result) OK() bool { return r.Err() == nil }

// Err describes the differences; nil if there are none.
func (r Result) Err() error {
	var errs []error
	for _, k := range r.kinds() {
		if k.findings.Total > 0 {
			errs = append(errs, fmt.Errorf("%d %s: %s", k.findings.Total, k.name, k.findings))
		}
	}
	if n := r.UnreadReasons[bucket.Forbidden]; n > 0 {
		errs = append(errs, fmt.Errorf("%d objects may not be read with these credentials, so that their events cannot be checked", n))
	}
	return errors.Join(errs...)
}

// Summary returns the result in one line.
func (r Result) Summary() string {
	text := fmt.Sprintf("%d events in %d objects, %d rows, %d Parquet rows, %d of %d invalid lines quarantined, %d repeated lines",
		r.Events, r.Objects, r.Rows, r.ParquetRows, r.Invalid-r.MissingQuarantine.Total, r.Invalid, r.Duplicates)
	days, others := "", "objects that S3 no longer has"
	if r.From != "" {
		days = fmt.Sprintf(" from %s to %s", r.From, r.To)
		others += " or that have no day in their names"
	}
	if r.EarlierRows+r.EarlierQuarantine > 0 {
		text += fmt.Sprintf("; of %s: %d rows, %d quarantined lines", others, r.EarlierRows, r.EarlierQuarantine)
	}
	if r.Unread.Total > 0 {
		text += fmt.Sprintf("; %d objects cannot be read now (%s): %s", r.Unread.Total, plural.ByName(r.UnreadReasons), r.Unread)
	}
	if r.PassedOver.Total > 0 {
		text += fmt.Sprintf("; %d objects below curated/ and quarantine/ were not written by the job and are not read: %s", r.PassedOver.Total, r.PassedOver)
	}
	if r.OK() {
		return fmt.Sprintf("exactly once%s: %s", days, text)
	}
	return fmt.Sprintf("NOT exactly once%s: %s", days, text)
}
