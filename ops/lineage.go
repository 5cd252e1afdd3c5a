package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"store-events/ops/internal/eventfile"
	"store-events/ops/internal/ledger"
	"store-events/ops/internal/query"
	"store-events/schema"
)

// LineRange is a range of lines that one batch has loaded from a version of an object.
type LineRange = ledger.LineRange

// Limits of a lineage.
const (
	lineageRanges     = 200 // Ranges of an object or of a batch.
	lineageBatches    = 50  // Batches whose days are read.
	lineageCandidates = 50  // Objects that are searched for an event.
)

// ObjectLineage describes where the events of an object were loaded to.
type ObjectLineage struct {
	Object string `json:"object"` // Key in the events bucket.
	// Version is the current version in S3, empty if the object does not exist.
	Version string      `json:"version,omitempty"`
	Ranges  []LineRange `json:"ranges"` // The newest batch first.
	// Table is the name of the target table.
	Table string `json:"table"`
	// Days counts the rows of these batches, from all their objects.
	Days []BatchDay `json:"days"`
	// Events are the first lines of the current version.
	Events []EventPlace `json:"events"`
	More   bool         `json:"more"` // There are more events.
	// Unread is the reason why the current version could not be read.
	Unread string `json:"unread,omitempty"`
}

// ErrNoEventObject means that a key cannot be that of an event object.
var ErrNoEventObject = errors.New("is not the key of an event object")

// BatchDay is the number of rows of a batch and day, and their Parquet object.
type BatchDay struct {
	Batch int64  `json:"batch"`
	Run   int    `json:"run"`
	Day   string `json:"day"`
	Rows  int    `json:"rows"`
	// Parquet is the key of the object, and Written reports whether it exists.
	Parquet string `json:"parquet"`
	Written bool   `json:"written"`
}

// EventPlace is a line of an event object.
type EventPlace struct {
	Object  string `json:"object"`
	Version string `json:"version"`
	Line    int    `json:"line"`
	Key     string `json:"key,omitempty"`
	Reason  string `json:"reason,omitempty"` // Why the line is invalid.
	// Batch and Run loaded the event's row. If the event was loaded before, they are not
	// this object's. They are 0 if the event is not in the table.
	Batch int64 `json:"batch,omitempty"`
	Run   int   `json:"run,omitempty"`
}

// ObjectLineage traces an event object, given as its key or as s3://bucket/key, to its
// batches, rows and Parquet. It reads up to limit lines of the object. The error is ErrNoEventObject
// if the key is not in a stream.
func (o *Ops) ObjectLineage(ctx context.Context, object string, limit int) (ObjectLineage, error) {
	key := o.bucket.Key(object)
	l := ObjectLineage{Object: key, Table: o.stack.TargetTable, Ranges: []LineRange{}, Days: []BatchDay{}, Events: []EventPlace{}}
	if _, known := o.streamOf(key); !known {
		return l, fmt.Errorf("%s %w: these begin with the name of a stream and a slash", key, ErrNoEventObject)
	}
	var err error
	if l.Version, err = o.bucket.Version(ctx, key); err != nil {
		return l, err
	}
	if l.Ranges, err = o.ledger.RangesOfObject(ctx, o.bucket.URL(key), lineageRanges); err != nil {
		return l, err
	}
	var batches []int64
	for _, r := range l.Ranges {
		if !slices.Contains(batches, r.Batch) && len(batches) < lineageBatches {
			batches = append(batches, r.Batch)
		}
	}
	if l.Days, err = o.batchDays(ctx, batches); err != nil || l.Version == "" {
		return l, err
	}
	return l, o.addEvents(ctx, &l, limit)
}

func (o *Ops) streamOf(key string) (schema.Stream, bool) {
	for _, s := range o.contract.Streams {
		if strings.HasPrefix(key, s.Name+"/") {
			return s, true
		}
	}
	return schema.Stream{}, false
}

// batchDays counts the rows of batches by day.
func (o *Ops) batchDays(ctx context.Context, batches []int64) ([]BatchDay, error) {
	days := []BatchDay{}
	if len(batches) == 0 {
		return days, nil
	}
	ids := make([]string, len(batches))
	for i, b := range batches {
		ids[i] = strconv.FormatInt(b, 10)
	}
	day := query.Identifier(o.contract.PartitionKey)
	rows, err := o.db.Query(ctx, fmt.Sprintf("select batch_id, %s, count(*) from %s where batch_id in (%s) group by batch_id, %s order by batch_id desc, %s",
		day, query.Identifier(o.stack.TargetTable), strings.Join(ids, ", "), day, day))
	if err = query.IgnoreNoTable(err, o.stack.TargetTable); err != nil {
		return days, err
	}
	for _, cells := range rows.Rows {
		d, err := o.batchDay(ctx, cells[0].Text, cells[1].Text)
		if err != nil {
			return days, err
		}
		if d.Rows, err = strconv.Atoi(cells[2].Text); err != nil {
			return days, fmt.Errorf("count the rows of batch %d: %w", d.Batch, err)
		}
		days = append(days, d)
	}
	return days, nil
}

func (o *Ops) batchDay(ctx context.Context, batch, day string) (d BatchDay, err error) {
	d.Day, _, _ = strings.Cut(day, " ")
	if d.Batch, err = strconv.ParseInt(batch, 10, 64); err != nil {
		return d, fmt.Errorf("read a row's batch: %w", err)
	}
	d.Run = ledger.RunOf(d.Batch)
	d.Parquet = fmt.Sprintf("%s/%s=%s/batch_id=%d/rows.parquet", o.contract.Prefixes.Curated, o.contract.PartitionKey, d.Day, d.Batch)
	version, err := o.bucket.Version(ctx, d.Parquet)
	d.Written = version != ""
	return d, err
}

// addEvents reads the first lines of the object and finds their rows.
func (o *Ops) addEvents(ctx context.Context, l *ObjectLineage, limit int) error {
	job, err := o.jobSettings(ctx)
	if err != nil {
		return err
	}
	err = o.eachLine(ctx, job.contract, l.Object, func(p EventPlace) bool {
		if l.More = len(l.Events) == limit; !l.More {
			l.Events = append(l.Events, p)
		}
		return !l.More
	})
	if l.Unread = o.bucket.Unreadable(ctx, l.Object, err); l.Unread != "" {
		return nil
	}
	if err != nil {
		return err
	}
	return o.addBatches(ctx, l.Events)
}

// eachLine visits the lines of an object, except blank ones, until visit returns
// false.
func (o *Ops) eachLine(ctx context.Context, contract schema.Contract, key string, visit func(EventPlace) bool) error {
	body, version, err := o.bucket.Open(ctx, key)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	enough := errors.New("enough")
	err = eventfile.Read(body, func(value eventfile.Value) error {
		p := EventPlace{Object: key, Version: version, Line: value.Number, Reason: value.Reason}
		if p.Reason == "" {
			p.Key, p.Reason = contract.Check(value.Text)
		}
		if p.Reason == schema.ReasonBlank || visit(p) {
			return nil
		}
		return enough
	})
	if err != nil && !errors.Is(err, enough) {
		return fmt.Errorf("read %s: %w", o.bucket.URL(key), err)
	}
	return nil
}

// addBatches sets the batches of the events' rows.
func (o *Ops) addBatches(ctx context.Context, events []EventPlace) error {
	indexes := map[string][]int{} // Indexes of events by key.
	var keys []string
	for i, e := range events {
		if e.Key == "" {
			continue
		}
		if _, seen := indexes[e.Key]; !seen {
			keys = append(keys, e.Key)
		}
		indexes[e.Key] = append(indexes[e.Key], i)
	}
	return o.db.EachWithKey(ctx, o.events(), keys, "batch_id", func(key string, cells []Cell) error {
		batch, err := strconv.ParseInt(cells[0].Text, 10, 64)
		if err != nil {
			return fmt.Errorf("read the batch of %s: %w", key, err)
		}
		for _, i := range indexes[key] {
			events[i].Batch, events[i].Run = batch, ledger.RunOf(batch)
		}
		return nil
	})
}
