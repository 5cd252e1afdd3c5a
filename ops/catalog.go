package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/smithy-go"
)

// CatalogTable is a table of the catalog database with its columns.
type CatalogTable struct {
	Table
	Type string `json:"type"` // Such as EXTERNAL_TABLE.
	// Format is the classification, such as json or parquet.
	Format  string          `json:"format,omitempty"`
	Updated time.Time       `json:"updated"`
	Schema  []CatalogColumn `json:"schema"`
	// History lists how the columns changed, the newest version first, as far as
	// the catalog keeps versions.
	History []SchemaVersion `json:"history"`
	// NoHistory is the reason why there is no history.
	NoHistory string `json:"no_history,omitempty"`
}

// CatalogColumn is a column of a table.
type CatalogColumn struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Comment   string `json:"comment,omitempty"`
	Partition bool   `json:"partition,omitempty"` // Part of the key of a partition.
}

// SchemaVersion is a version of a table, and what it changed.
type SchemaVersion struct {
	Version int       `json:"version"`
	Updated time.Time `json:"updated"`
	Changes []string  `json:"changes"`
}

// Catalog returns the tables of the catalog database.
func (o *Ops) Catalog(ctx context.Context) ([]CatalogTable, error) {
	tables := []CatalogTable{}
	err := o.eachCatalogTable(ctx, func(t types.Table) error {
		counted, err := o.table(ctx, t)
		if err != nil {
			return err
		}
		table := CatalogTable{
			Table: counted, Type: aws.ToString(t.TableType), Format: t.Parameters["classification"],
			Updated: aws.ToTime(t.UpdateTime).UTC(), Schema: catalogColumns(t),
		}
		table.History, table.NoHistory, err = o.schemaHistory(ctx, table.Name)
		tables = append(tables, table)
		return err
	})
	return tables, err
}

func catalogColumns(t types.Table) []CatalogColumn {
	out := []CatalogColumn{}
	add := func(columns []types.Column, partition bool) {
		for _, c := range columns {
			out = append(out, CatalogColumn{aws.ToString(c.Name), aws.ToString(c.Type), aws.ToString(c.Comment), partition})
		}
	}
	if t.StorageDescriptor != nil {
		add(t.StorageDescriptor.Columns, false)
	}
	add(t.PartitionKeys, true)
	return out
}

// schemaHistory compares the versions of a table. If the catalog keeps none, or the
// caller may not read them, it returns the reason instead of a history.
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetTableVersions.html
func (o *Ops) schemaHistory(ctx context.Context, table string) (history []SchemaVersion, none string, err error) {
	history = []SchemaVersion{}
	var versions []types.TableVersion
	pages := glue.NewGetTableVersionsPaginator(o.glue, &glue.GetTableVersionsInput{DatabaseName: aws.String(o.stack.CatalogDatabase), TableName: &table})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		var refused smithy.APIError
		if errors.As(err, &refused) {
			return history, refused.ErrorCode() + ": " + refused.ErrorMessage(), nil
		}
		if err != nil {
			return history, "", fmt.Errorf("list the versions of %s: %w", table, err)
		}
		versions = append(versions, page.TableVersions...)
	}
	slices.SortFunc(versions, func(a, b types.TableVersion) int { return versionNumber(a) - versionNumber(b) })
	var before []CatalogColumn
	for i, v := range versions {
		if v.Table == nil {
			continue
		}
		now := catalogColumns(*v.Table)
		changes := columnChanges(before, now)
		if i == 0 {
			changes = []string{fmt.Sprintf("the oldest version kept, with %d columns", len(now))}
		}
		history = append(history, SchemaVersion{versionNumber(v), aws.ToTime(v.Table.UpdateTime).UTC(), changes})
		before = now
	}
	slices.Reverse(history)
	return history, "", nil
}

func versionNumber(v types.TableVersion) int {
	n, _ := strconv.Atoi(aws.ToString(v.VersionId)) // Documented as a number.
	return n
}

// columnChanges describes the columns that were added, removed, or changed their type.
func columnChanges(before, now []CatalogColumn) []string {
	changes := []string{}
	index := func(columns []CatalogColumn, name string) int {
		return slices.IndexFunc(columns, func(c CatalogColumn) bool { return c.Name == name })
	}
	for _, c := range now {
		switch i := index(before, c.Name); {
		case i < 0:
			changes = append(changes, fmt.Sprintf("added %s %s", c.Name, c.Type))
		case before[i].Type != c.Type:
			changes = append(changes, fmt.Sprintf("%s: %s became %s", c.Name, before[i].Type, c.Type))
		}
	}
	for _, c := range before {
		if index(now, c.Name) < 0 {
			changes = append(changes, fmt.Sprintf("removed %s %s", c.Name, c.Type))
		}
	}
	return changes
}
