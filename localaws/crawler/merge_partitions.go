package crawler

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// statParameters are the parameters in which a table and its partitions differ.
var statParameters = []string{"averageRecordSize", "objectCount", "recordCount", "sizeKey"}

// updatePartitions adds new partitions, updates changed ones if the policy allows it, and handles missing ones.
func (m merger) updatePartitions(c *change, o origin, old catalogTable, d dataset) {
	known := map[string]gluetypes.Partition{}
	for _, p := range old.Partitions {
		known[valuesKey(p.Values)] = p
	}
	for _, p := range m.partitions(o, d, c.Input) {
		if len(p.Values) != len(c.Input.PartitionKeys) {
			m.note(mismatch(aws.ToString(p.StorageDescriptor.Location), c.Table))
			continue
		}
		before, exists := known[valuesKey(p.Values)]
		delete(known, valuesKey(p.Values))
		switch {
		case !exists:
			c.NewPartitions = append(c.NewPartitions, p)
		case m.mayChange():
			after := m.changed(before, p)
			if !equal(partitionInputOf(before), after) {
				c.ChangedPartitions = append(c.ChangedPartitions, after)
			}
		}
	}
	for _, p := range old.Partitions {
		if _, missing := known[valuesKey(p.Values)]; missing {
			m.missingPartition(c, p)
		}
	}
}

func (m merger) mayChange() bool { return m.policy.updates() || m.policy.Inherit }

// changed returns the partition after the crawl. Without inheritance, new columns are merged as for tables.
func (m merger) changed(before gluetypes.Partition, found gluetypes.PartitionInput) gluetypes.PartitionInput {
	if m.policy.Inherit || !m.policy.MergeNewColumns || before.StorageDescriptor == nil {
		return found
	}
	if before.Parameters["classification"] != found.Parameters["classification"] {
		return found
	}
	merged := mergeNewColumns(columnsOf(before.StorageDescriptor), columnsOf(found.StorageDescriptor))
	sd := *found.StorageDescriptor
	sd.Columns = catalogColumns(merged)
	setPaths(&sd, merged)
	found.StorageDescriptor = &sd
	return found
}

func (m merger) missingPartition(c *change, p gluetypes.Partition) {
	if m.policy.DeleteBehavior == deleteFromDatabase {
		c.RemovedPartitions = append(c.RemovedPartitions, p.Values)
		return
	}
	m.note(info("Found partition of table %s with partition values [%s] with no matching schema at the partition's S3 location",
		c.Table, strings.Join(p.Values, ", ")))
}

func mismatch(url, table string) line {
	return warn("Partition does not match table schema or has mismatch keys: table %s, location %s",
		table, url)
}

// inherit returns the partition with the table's properties, except location and statistics.
func inherit(p gluetypes.PartitionInput, table *gluetypes.TableInput) gluetypes.PartitionInput {
	sd := *table.StorageDescriptor
	sd.Location = p.StorageDescriptor.Location
	sd.Parameters = withStats(table.StorageDescriptor.Parameters, p.Parameters)
	return gluetypes.PartitionInput{
		Values:            p.Values,
		Parameters:        withStats(table.Parameters, p.Parameters),
		StorageDescriptor: &sd,
	}
}

// withStats returns the table's parameters with the statistics of a partition.
func withStats(table, partition map[string]string) map[string]string {
	out := maps.Clone(table)
	if out == nil {
		out = map[string]string{}
	}
	delete(out, deprecatedBy)
	for _, k := range statParameters {
		if v, ok := partition[k]; ok {
			out[k] = v
		}
	}
	return out
}

// valuesKey returns a map key for partition values.
func valuesKey(values []string) string { return strings.Join(values, "\x00") }
