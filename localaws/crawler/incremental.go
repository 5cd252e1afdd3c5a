package crawler

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// newFolders returns the folders that are not yet a table or partition ("Incremental crawls in Glue").
func newFolders(in include, folders []leaf, existing []catalogTable) []leaf {
	known := map[string]bool{}
	for _, t := range existing {
		if len(t.PartitionKeys) == 0 {
			known[t.location()] = true
		}
		for _, p := range t.Partitions {
			known[location(p.StorageDescriptor)] = true
		}
	}
	var out []leaf
	for _, f := range folders {
		if !known[strings.TrimSuffix(in.url(f.Prefix), "/")] {
			out = append(out, f)
		}
	}
	return out
}

// attach returns changes that add new folders below existing tables as partitions, and the other folders. It logs and
// skips folders that do not match their table.
func (m merger) attach(o origin, existing []catalogTable, folders []scannedLeaf) ([]change, []scannedLeaf) {
	var out []change
	for _, t := range existing {
		if t.crawled() == "" || len(t.PartitionKeys) == 0 || !inside(t, o.Include) {
			continue
		}
		c := change{Table: t.name(), Input: tableInputOf(t.Table)}
		var rest []scannedLeaf
		for _, f := range folders {
			below, found := strings.CutPrefix(o.Include.url(f.Prefix), t.location()+"/")
			if !found {
				rest = append(rest, f)
				continue
			}
			names := strings.Split(strings.TrimSuffix(below, "/"), "/")
			if p, ok := m.newPartition(o, t, f, names); ok {
				c.NewPartitions = append(c.NewPartitions, p)
			}
		}
		folders = rest
		out = append(out, c)
	}
	return out, folders
}

func (m merger) newPartition(o origin, t catalogTable, f scannedLeaf, names []string) (gluetypes.PartitionInput, bool) {
	if f.empty() {
		return gluetypes.PartitionInput{}, false
	}
	data := m.policy.Grouping.leafTables(f)[0]
	keys := make([]string, len(t.PartitionKeys))
	for i, k := range t.PartitionKeys {
		keys[i] = aws.ToString(k.Name)
	}
	if !keysMatch(keys, names) {
		m.note(mismatch(o.Include.url(f.Prefix), t.name()))
		return gluetypes.PartitionInput{}, false
	}
	p := data.Parts[0]
	p.Names = names
	input := o.partitionInput(keys, p)
	alike := m.policy.Grouping.Combine || similarity(columnsOf(t.StorageDescriptor), p.Columns) > threshold
	if !data.isFolder() || !alike || incompatible(t, &gluetypes.TableInput{Parameters: input.Parameters, PartitionKeys: t.PartitionKeys}) != "" {
		m.note(mismatch(o.Include.url(f.Prefix), t.name()))
		return gluetypes.PartitionInput{}, false
	}
	if m.policy.Inherit {
		input = inherit(input, tableInputOf(t.Table))
	}
	return input, true
}

// keysMatch reports whether folder names match a table's partition keys. Hive-style folders must have the key's name,
// unless the key's name is generated.
func keysMatch(keys, names []string) bool {
	if len(keys) != len(names) {
		return false
	}
	for i, name := range names {
		k, _, found := strings.Cut(name, "=")
		if found && sanitize(k) != keys[i] && !strings.HasPrefix(keys[i], "partition_") {
			return false
		}
	}
	return true
}
