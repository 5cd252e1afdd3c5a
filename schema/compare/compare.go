// Package compare reports the effects of contract changes, and which of them are breaking.
package compare

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"store-events/schema"
)

// Part is a part of the system that depends on the contract.
type Part string

// Parts in the direction of data flow.
const (
	Producer  Part = "producer"  // Senders of events.
	Catalog   Part = "catalog"   // The tables of the Glue Data Catalog.
	Table     Part = "table"     // The table in MySQL.
	Parquet   Part = "Parquet"   // The files that Athena reads.
	Consumers Part = "consumers" // Queries in MySQL and Athena.
)

// Effect is the effect of a change on one part.
type Effect struct {
	Part     Part   `json:"part"`
	Breaking bool   `json:"breaking"`
	Text     string `json:"text"`
}

// Change is a difference between two contracts.
type Change struct {
	What    string   `json:"what"`
	Effects []Effect `json:"effects"`
}

// Breaking reports whether the change breaks any part.
func (c Change) Breaking() bool {
	return slices.ContainsFunc(c.Effects, func(e Effect) bool { return e.Breaking })
}

// Breaking reports whether any change is breaking.
func Breaking(changes []Change) bool { return slices.ContainsFunc(changes, Change.Breaking) }

// Contracts returns the changes between two contracts.
func Contracts(from, to schema.Contract) []Change {
	changes := fields(from, to)
	changes = append(changes, streams(from.Streams, to.Streams)...)
	return append(changes, rest(from, to)...)
}

func fields(from, to schema.Contract) []Change {
	var changes []Change
	for _, f := range to.Fields {
		old, exists := field(from, f.Name)
		switch {
		case !exists:
			changes = append(changes, added(f))
		default:
			changes = append(changes, altered(to, old, f)...)
		}
	}
	for _, f := range from.Fields {
		if _, stays := field(to, f.Name); !stays {
			changes = append(changes, removed(f))
		}
	}
	return changes
}

func field(c schema.Contract, name string) (schema.Field, bool) {
	i := slices.IndexFunc(c.Fields, func(f schema.Field) bool { return f.Name == name })
	if i < 0 {
		return schema.Field{}, false
	}
	return c.Fields[i], true
}

func added(f schema.Field) Change {
	c := change("field %s (%s) is added", f.Name, f.Type)
	c.affects(Producer, false, "may send it; a line whose value is not %s goes to quarantine, even if it was kept in extra before", f.Type)
	c.affects(Catalog, false, "the next update adds the column to Athena's table, the next crawl to the crawled ones")
	c.affects(Table, false, "the next run adds the column; old rows have NULL, their values stay in extra until `storeevents backfill`")
	c.affects(Parquet, false, "old files lack it: NULL")
	return c
}

func removed(f schema.Field) Change {
	c := change("field %s (%s) is removed", f.Name, f.Type)
	c.affects(Producer, false, "may still send it: it is kept in extra")
	c.affects(Catalog, true, "the next update removes the column from Athena's table")
	c.affects(Table, true, "the column stays with its old values; new rows have NULL there")
	c.affects(Parquet, true, "new files lack it")
	c.affects(Consumers, true, "queries that use it fail in Athena, and return NULL for new rows in MySQL")
	return c
}

// altered compares two fields with the same name.
func altered(to schema.Contract, old, f schema.Field) []Change {
	var changes []Change
	if way := old.WayOf(f); way != "" {
		changes = append(changes, retyped(to, old, f, way))
	}
	if f.Description != old.Description {
		c := change("the description of field %s changes", f.Name)
		c.affects(Catalog, false, "the next update changes the column's comment")
		changes = append(changes, c)
	}
	if !reflect.DeepEqual(old.Expect, f.Expect) {
		changes = append(changes, expected("field "+f.Name))
	}
	return changes
}

// expected returns the change of what the job expects of a field or of a stream.
func expected(of string) Change {
	c := change("the expectations of %s change", of)
	c.affects(Producer, false, "may cause other failed expectations; all events are still loaded")
	return c
}

// retyped returns the change of a field's type. schema.Contract.ColumnChanges has the
// same rules for existing tables.
func retyped(to schema.Contract, old, f schema.Field, way string) Change {
	c := change("field %s changes from %s to %s", f.Name, old.Type, f.Type)
	if f.Name == to.Key {
		way = schema.Refused
	}
	switch way {
	case schema.Wider:
		c.affects(Producer, false, "may send larger values; all old ones stay valid")
		if old.GlueType() != f.GlueType() {
			c.affects(Catalog, false, "the next update makes the column %s instead of %s", f.GlueType(), old.GlueType())
			c.affects(Parquet, false, "the next run rewrites old days; until then, Athena cannot read the column in them")
		}
		c.affects(Table, false, "the next run alters the column")
		c.affects(Consumers, false, "may read larger values")
	case schema.Migration:
		c.affects(Producer, true, "values that are not %s go to quarantine", f.Type)
		if old.GlueType() != f.GlueType() {
			c.affects(Catalog, true, "the column is %s instead of %s", f.GlueType(), old.GlueType())
		}
		c.affects(Table, true, "`storeevents up` and runs fail until `storeevents migrate --yes` has converted the values, which requires that all fit")
		c.affects(Parquet, true, "the migration rewrites all days")
		c.affects(Consumers, true, "read values of another type")
	default:
		c.affects(Producer, true, "values that are not %s go to quarantine", f.Type)
		c.affects(Table, true, "is refused, because values would change; add a field with another name instead")
		c.affects(Consumers, true, "read values of another type")
	}
	return c
}

func streams(from, to []schema.Stream) []Change {
	var changes []Change
	for _, s := range to {
		i := slices.IndexFunc(from, func(old schema.Stream) bool { return old.EventType == s.EventType })
		switch {
		case i < 0:
			c := change("event type %s (objects below %s/) is added", s.EventType, s.Name)
			c.affects(Producer, false, "may send it, and the sample producer does")
			c.affects(Catalog, false, "the next update lets crawler, job and producer use the folder; the next crawl creates its table")
			c.affects(Consumers, false, "read another value of event_type from the same table")
			changes = append(changes, c)
		case from[i].Name != s.Name:
			c := change("event type %s moves from %s/ to %s/", s.EventType, from[i].Name, s.Name)
			c.affects(Producer, true, "must write to the new folder")
			c.affects(Catalog, true, "the table of the old folder stays, without new events")
			c.affects(Table, false, "objects of the old folder are not read again; rows stay")
			changes = append(changes, c)
		}
		if i >= 0 && !reflect.DeepEqual(from[i].Expect, s.Expect) {
			changes = append(changes, expected("event type "+s.EventType))
		}
	}
	for _, s := range from {
		if !slices.ContainsFunc(to, func(o schema.Stream) bool { return o.EventType == s.EventType }) {
			c := change("event type %s (objects below %s/) is removed", s.EventType, s.Name)
			c.affects(Producer, true, "objects below %s/ are no longer read", s.Name)
			c.affects(Catalog, true, "the crawled table stays, without new events")
			c.affects(Table, false, "rows stay")
			c.affects(Consumers, true, "receive no new events of this type")
			changes = append(changes, c)
		}
	}
	return changes
}

func change(format string, args ...any) Change { return Change{What: fmt.Sprintf(format, args...)} }

func (c *Change) affects(p Part, breaking bool, format string, args ...any) {
	text := format
	if len(args) > 0 {
		text = fmt.Sprintf(format, args...)
	}
	c.Effects = append(c.Effects, Effect{Part: p, Breaking: breaking, Text: strings.TrimSpace(text)})
}
