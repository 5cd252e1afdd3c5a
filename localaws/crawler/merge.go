package crawler

import (
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// catalogTable is a table of the catalog with its partitions.
type catalogTable struct {
	gluetypes.Table
	Partitions []gluetypes.Partition
}

func (t catalogTable) name() string     { return aws.ToString(t.Name) }
func (t catalogTable) crawled() string  { return t.Parameters[updatedBy] }
func (t catalogTable) location() string { return location(t.StorageDescriptor) }

func location(sd *gluetypes.StorageDescriptor) string {
	if sd == nil {
		return ""
	}
	return strings.TrimSuffix(aws.ToString(sd.Location), "/")
}

// Kinds of changes, named as in the run summary.
const (
	added   = "ADD"
	updated = "UPDATE"
	deleted = "DELETE"
)

// change contains the changes to one table and its partitions. Kind is empty if only partitions change.
type change struct {
	Table string
	Kind  string
	Input *gluetypes.TableInput // unless the table is deleted

	NewPartitions     []gluetypes.PartitionInput
	ChangedPartitions []gluetypes.PartitionInput
	RemovedPartitions [][]string
}

func (c change) empty() bool {
	return c.Kind == "" && len(c.NewPartitions)+len(c.ChangedPartitions)+len(c.RemovedPartitions) == 0
}

// merger computes the changes that update the catalog to the result of a crawl.
type merger struct {
	policy policy
	now    time.Time
	note   func(line)
}

// create returns the change that adds a new table.
func (m merger) create(o origin, name string, d dataset) change {
	input := o.tableInput(name, d)
	m.warnOfUnfit(name, d)
	return change{Table: name, Kind: added, Input: input, NewPartitions: m.partitions(o, d, input)}
}

func (m merger) partitions(o origin, d dataset, table *gluetypes.TableInput) []gluetypes.PartitionInput {
	keys := partitionKeys(d)
	if len(keys) == 0 {
		return nil
	}
	out := make([]gluetypes.PartitionInput, len(d.Parts))
	for i, p := range d.Parts {
		out[i] = o.partitionInput(keys, p)
		if m.policy.Inherit {
			out[i] = inherit(out[i], table)
		}
	}
	return out
}

// update returns the change that updates an existing table to the data found at its location.
func (m merger) update(o origin, old catalogTable, d dataset) change {
	found := o.tableInput(old.name(), d)
	m.warnOfUnfit(old.name(), d)
	before := tableInputOf(old.Table)
	after := before
	switch {
	case m.policy.MergeNewColumns:
		if attribute := incompatible(old, found); attribute != "" {
			m.note(warn("Table %s is marked deprecated because its %s changed. Resolve it by hand.", old.name(), attribute))
			return m.deprecate(old)
		}
		after = mergeInto(before, columnsOf(old.StorageDescriptor), found, d.Columns)
	case m.policy.UpdateBehavior == updateInDatabase:
		after = found
	case !equalColumns(before, found):
		m.note(info("The schema of table %s changed. The change is ignored, as the update behavior is LOG.", old.name()))
	}
	c := change{Table: old.name(), Input: after}
	if !equal(before, after) {
		c.Kind = updated
	}
	m.updatePartitions(&c, o, old, d)
	return c
}

// incompatible returns the attribute that prevents merging new columns, or "".
func incompatible(old catalogTable, found *gluetypes.TableInput) string {
	for _, key := range []string{"classification", "compressionType", "delimiter"} {
		if value := old.Parameters[key]; value != "" && value != found.Parameters[key] {
			return key
		}
	}
	if len(old.PartitionKeys) != len(found.PartitionKeys) {
		return "number of partition keys"
	}
	return ""
}

// mergeInto returns the table with new columns and the parameters that crawlers write.
func mergeInto(old *gluetypes.TableInput, oldColumns []column, found *gluetypes.TableInput, columns []column) *gluetypes.TableInput {
	out := *old
	sd := *old.StorageDescriptor
	merged := mergeNewColumns(oldColumns, fitColumns(columns, keysOf(old)))
	sd.Columns = catalogColumns(merged)
	// Crawlers must not remove comments on columns.
	for i, c := range old.StorageDescriptor.Columns {
		sd.Columns[i].Comment, sd.Columns[i].Parameters = c.Comment, c.Parameters
	}
	sd.Parameters = overlay(old.StorageDescriptor.Parameters, found.StorageDescriptor.Parameters)
	setPaths(&sd, merged)
	out.StorageDescriptor = &sd
	out.Parameters = overlay(old.Parameters, found.Parameters)
	return &out
}

// setPaths replaces the list of columns in the settings of the SerDe, if it has one.
func setPaths(sd *gluetypes.StorageDescriptor, columns []column) {
	if sd.SerdeInfo != nil && sd.SerdeInfo.Parameters["paths"] != "" {
		serde := *sd.SerdeInfo
		serde.Parameters = overlay(serde.Parameters, map[string]string{"paths": paths(columns)})
		sd.SerdeInfo = &serde
	}
}

// mergeNewColumns adds new columns, and new fields inside structs, to the existing columns. It does not change other
// types.
func mergeNewColumns(old, found []column) []column {
	return joinColumns(old, found, func(c *column, found column) {
		if t := mergeNewFields(c.Type, found.Type); !tooLong(t) {
			c.Type = t
		}
		if c.Path == "" {
			c.Path = found.Path
		}
	})
}

func keysOf(table *gluetypes.TableInput) []string {
	keys := make([]string, len(table.PartitionKeys))
	for i, k := range table.PartitionKeys {
		keys[i] = aws.ToString(k.Name)
	}
	return keys
}

func mergeNewFields(old, found hiveType) hiveType {
	switch {
	case old.Kind == "struct" && found.Kind == "struct":
		return structOf(mergeNewColumns(old.Fields, found.Fields))
	case old.Kind == "array" && found.Kind == "array":
		return arrayOf(mergeNewFields(*old.Elem, *found.Elem))
	default:
		return old
	}
}

// overlay returns base with the values of top, without the mark of deprecated entries.
func overlay(base, top map[string]string) map[string]string {
	out := make(map[string]string, len(base)+len(top))
	for _, m := range []map[string]string{base, top} {
		for k, v := range m {
			if k != deprecatedBy {
				out[k] = v
			}
		}
	}
	return out
}

// missing returns the change for a table without data.
func (m merger) missing(old catalogTable) change {
	switch m.policy.DeleteBehavior {
	case deleteFromDatabase:
		m.note(info("Deleted table %s because a matching schema was not found at the table's location.", old.name()))
		return change{Table: old.name(), Kind: deleted}
	case deprecateInDatabase:
		if old.Parameters[deprecatedBy] != "" {
			return change{Table: old.name()}
		}
		m.note(info("Table %s is marked deprecated because a matching schema was not found at the table's location.", old.name()))
		return m.deprecate(old)
	default:
		m.note(info("A matching schema was not found at the location of table %s. The change is ignored, as the delete behavior is LOG.", old.name()))
		return change{Table: old.name()}
	}
}

func (m merger) deprecate(old catalogTable) change {
	if old.Parameters[deprecatedBy] != "" {
		return change{Table: old.name()}
	}
	input := tableInputOf(old.Table)
	input.Parameters = overlay(old.Parameters, nil)
	input.Parameters[deprecatedBy] = strconv.FormatInt(m.now.UnixMilli(), 10)
	return change{Table: old.name(), Kind: updated, Input: input}
}

func equalColumns(a, b *gluetypes.TableInput) bool {
	return reflect.DeepEqual(columnsOf(a.StorageDescriptor), columnsOf(b.StorageDescriptor))
}
