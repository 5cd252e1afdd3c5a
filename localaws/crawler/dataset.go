package crawler

import (
	"slices"
	"strings"
)

// stats are the statistics that a crawler writes to tables and partitions.
type stats struct {
	Objects int64
	Size    int64 // bytes in S3
	Records int64 // Estimated if only a part was read.
	// SampledBytes and SampledRecords determine the average size of a record.
	SampledBytes, SampledRecords int64
}

func (s stats) plus(o stats) stats {
	return stats{
		s.Objects + o.Objects, s.Size + o.Size, s.Records + o.Records,
		s.SampledBytes + o.SampledBytes, s.SampledRecords + o.SampledRecords,
	}
}

func (s stats) averageRecordSize() int64 {
	if s.SampledRecords == 0 {
		return 0
	}
	return s.SampledBytes / s.SampledRecords
}

// dataset is data of one format and schema: an object, a folder, or a table of several folders.
type dataset struct {
	// Location is the folder's prefix, or the object's key.
	Location string
	Format   format
	Columns  []column
	Stats    stats
	// Parts are all at the same depth below Location.
	Parts []part
}

// part is a folder of a table: a partition, or the whole table if Names is empty.
type part struct {
	Names    []string // of the folders below the table's location
	Location string
	Format   format
	Columns  []column
	Stats    stats
}

func (d dataset) depth() int { return len(d.Parts[0].Names) }

// isFolder reports whether the location is a folder, not an object.
func (d dataset) isFolder() bool { return d.Location == "" || strings.HasSuffix(d.Location, "/") }

// newDataset returns the dataset of one folder or object.
func newDataset(location string, f format, columns []column, s stats) dataset {
	return dataset{
		Location: location, Format: f, Columns: columns, Stats: s,
		Parts: []part{{Location: location, Format: f, Columns: columns, Stats: s}},
	}
}

// join combines the tables of a location's folders into one table.
func join(location string, tables []dataset) dataset {
	out := dataset{Location: location, Format: tables[0].Format}
	for _, t := range tables {
		out.Columns = unifyColumns(out.Columns, t.Columns)
		out.Stats = out.Stats.plus(t.Stats)
		name := strings.TrimSuffix(strings.TrimPrefix(t.Location, location), "/")
		for _, p := range t.Parts {
			p.Names = append([]string{name}, p.Names...)
			out.Parts = append(out.Parts, p)
		}
	}
	return out
}

// Glue's thresholds for combining schemas ("How does the Glue crawler detect the schema?", AWS Knowledge Center): more
// than 70 % similar, and at most five different ones.
const (
	threshold   = 0.7
	maxClusters = 5
)

// schema is the common format and columns of a number of objects.
type schema struct {
	Format  format
	Columns []column
	Objects int
}

// mostlyAlike reports whether more than 70 % of the objects have similar schemas. The result does not depend on the
// order.
func mostlyAlike(schemas []schema) bool {
	sorted := slices.Clone(schemas)
	slices.SortFunc(sorted, func(a, b schema) int {
		if len(a.Columns) != len(b.Columns) {
			return len(b.Columns) - len(a.Columns)
		}
		return strings.Compare(structOf(a.Columns).String(), structOf(b.Columns).String())
	})
	var clusters []schema // Objects is the number of objects in the cluster.
	all, largest := 0, 0
	for _, s := range sorted {
		i := slices.IndexFunc(clusters, func(c schema) bool { return similarity(c.Columns, s.Columns) > threshold })
		if i < 0 {
			i = len(clusters)
			clusters = append(clusters, schema{Columns: s.Columns})
		}
		clusters[i].Objects += s.Objects
		all += s.Objects
		largest = max(largest, clusters[i].Objects)
	}
	return len(clusters) <= maxClusters && float64(largest) > threshold*float64(all)
}
