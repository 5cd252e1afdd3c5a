package crawler

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// catalog reads and writes the tables of the Data Catalog.
type catalog struct{ client *glue.Client }

// tables returns all tables of a database, without their partitions.
func (c catalog) tables(ctx context.Context, database string) ([]catalogTable, error) {
	if _, err := c.client.GetDatabase(ctx, &glue.GetDatabaseInput{Name: aws.String(database)}); err != nil {
		var missing *gluetypes.EntityNotFoundException
		if errors.As(err, &missing) {
			return nil, fmt.Errorf("database %s does not exist", database)
		}
		return nil, fmt.Errorf("get database %s: %w", database, err)
	}
	pages := glue.NewGetTablesPaginator(c.client, &glue.GetTablesInput{DatabaseName: aws.String(database)})
	var out []catalogTable
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("get tables of %s: %w", database, err)
		}
		for _, t := range page.TableList {
			out = append(out, catalogTable{Table: t})
		}
	}
	return out, nil
}

// partitions returns all partitions of a table.
func (c catalog) partitions(ctx context.Context, database, table string) ([]gluetypes.Partition, error) {
	pages := glue.NewGetPartitionsPaginator(c.client, &glue.GetPartitionsInput{
		DatabaseName: aws.String(database), TableName: aws.String(table),
	})
	var out []gluetypes.Partition
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("get partitions of %s.%s: %w", database, table, err)
		}
		out = append(out, page.Partitions...)
	}
	return out, nil
}

// partitionsPerCall is the maximum number of partitions in a request.
const partitionsPerCall = 100

// apply writes a change to the catalog.
func (c catalog) apply(ctx context.Context, database string, ch change) error {
	if err := c.applyTable(ctx, database, ch); err != nil {
		return fmt.Errorf("%s table %s.%s: %w", ch.Kind, database, ch.Table, err)
	}
	for batch := range slices.Chunk(ch.NewPartitions, partitionsPerCall) {
		if err := c.createPartitions(ctx, database, ch.Table, batch); err != nil {
			return fmt.Errorf("create partitions of %s.%s: %w", database, ch.Table, err)
		}
	}
	for batch := range slices.Chunk(ch.ChangedPartitions, partitionsPerCall) {
		if err := c.updatePartitions(ctx, database, ch.Table, batch); err != nil {
			return fmt.Errorf("update partitions of %s.%s: %w", database, ch.Table, err)
		}
	}
	for _, values := range ch.RemovedPartitions {
		_, err := c.client.DeletePartition(ctx, &glue.DeletePartitionInput{
			DatabaseName: aws.String(database), TableName: aws.String(ch.Table), PartitionValues: values,
		})
		if err != nil {
			return fmt.Errorf("delete partition %v of %s.%s: %w", values, database, ch.Table, err)
		}
	}
	return nil
}

func (c catalog) applyTable(ctx context.Context, database string, ch change) error {
	var err error
	switch ch.Kind {
	case added:
		_, err = c.client.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String(database), TableInput: ch.Input})
	case updated:
		_, err = c.client.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: aws.String(database), TableInput: ch.Input})
	case deleted:
		_, err = c.client.DeleteTable(ctx, &glue.DeleteTableInput{DatabaseName: aws.String(database), Name: aws.String(ch.Table)})
	}
	return err
}

func (c catalog) createPartitions(ctx context.Context, database, table string, batch []gluetypes.PartitionInput) error {
	out, err := c.client.BatchCreatePartition(ctx, &glue.BatchCreatePartitionInput{
		DatabaseName: aws.String(database), TableName: aws.String(table), PartitionInputList: batch,
	})
	if err != nil {
		return err
	}
	for _, e := range out.Errors {
		// Another client has added it in the meantime.
		if aws.ToString(e.ErrorDetail.ErrorCode) != "AlreadyExistsException" {
			return fmt.Errorf("%v: %s", e.PartitionValues, aws.ToString(e.ErrorDetail.ErrorMessage))
		}
	}
	return nil
}

func (c catalog) updatePartitions(ctx context.Context, database, table string, batch []gluetypes.PartitionInput) error {
	entries := make([]gluetypes.BatchUpdatePartitionRequestEntry, len(batch))
	for i := range batch {
		entries[i] = gluetypes.BatchUpdatePartitionRequestEntry{PartitionInput: &batch[i], PartitionValueList: batch[i].Values}
	}
	out, err := c.client.BatchUpdatePartition(ctx, &glue.BatchUpdatePartitionInput{
		DatabaseName: aws.String(database), TableName: aws.String(table), Entries: entries,
	})
	if err != nil {
		return err
	}
	for _, e := range out.Errors {
		return fmt.Errorf("%v: %s", e.PartitionValueList, aws.ToString(e.ErrorDetail.ErrorMessage))
	}
	return nil
}
