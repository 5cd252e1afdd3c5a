package crawler

import (
	"encoding/json"
	"fmt"
)

// Values of a SchemaChangePolicy.
const (
	updateInDatabase    = "UPDATE_IN_DATABASE"
	deleteFromDatabase  = "DELETE_FROM_DATABASE"
	deprecateInDatabase = "DEPRECATE_IN_DATABASE"
	logOnly             = "LOG"
)

// SchemaChangePolicy determines how a crawl handles changed schemas and deleted data.
type SchemaChangePolicy struct {
	UpdateBehavior string `json:",omitempty"`
	DeleteBehavior string `json:",omitempty"`
}

// policy determines how a crawl changes the catalog. It combines SchemaChangePolicy, Configuration and RecrawlPolicy.
type policy struct {
	SchemaChangePolicy
	// MergeNewColumns adds columns and never removes or changes them. It takes precedence over UpdateBehavior.
	MergeNewColumns bool
	// Inherit copies the table's schema and format to partitions.
	Inherit bool
	// NewFoldersOnly skips folders that were crawled before.
	NewFoldersOnly bool
	Grouping       grouping
	// PartitionIndexes creates an index over the partition keys of each table.
	PartitionIndexes bool
	TableThreshold   int // Maximum number of tables that a crawl may create, 0 if not set.
}

// configuration is the JSON document in a crawler's Configuration ("Setting
// crawler configuration options").
type configuration struct {
	CreatePartitionIndex *bool // nil is true
	CrawlerOutput        struct {
		Tables struct {
			AddOrUpdateBehavior string
			TableThreshold      int
		}
		Partitions struct{ AddOrUpdateBehavior string }
	}
	Grouping struct {
		TableGroupingPolicy     string
		TableLevelConfiguration int
	}
}

func newPolicy(d Definition) (policy, error) {
	var c configuration
	if d.Configuration != "" {
		if err := json.Unmarshal([]byte(d.Configuration), &c); err != nil {
			return policy{}, fmt.Errorf("crawler configuration is not valid JSON: %w", err)
		}
	}
	p := policy{
		SchemaChangePolicy: d.SchemaChangePolicy,
		MergeNewColumns:    c.CrawlerOutput.Tables.AddOrUpdateBehavior == "MergeNewColumns",
		Inherit:            c.CrawlerOutput.Partitions.AddOrUpdateBehavior == "InheritFromTable",
		NewFoldersOnly:     d.RecrawlPolicy.RecrawlBehavior == crawlNewFoldersOnly,
		PartitionIndexes:   c.CreatePartitionIndex == nil || *c.CreatePartitionIndex,
		TableThreshold:     c.CrawlerOutput.Tables.TableThreshold,
		Grouping: grouping{
			Combine: c.Grouping.TableGroupingPolicy == "CombineCompatibleSchemas",
			Level:   c.Grouping.TableLevelConfiguration,
		},
	}
	return p, nil
}

// updates reports whether the crawl may change existing tables and partitions.
func (p policy) updates() bool {
	return p.MergeNewColumns || p.UpdateBehavior == updateInDatabase
}
