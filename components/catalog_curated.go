package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// CuratedTable is the name of the table over the curated Parquet.
const CuratedTable = "curated_sales_txns"

// newCuratedTable declares the table over the Parquet that the job writes.
// Partitions are projected from the date, so that new days can be queried
// without a crawl: https://docs.aws.amazon.com/athena/latest/ug/partition-projection.html
// Athena lists every day of the range that a query does not exclude, and ignores
// days outside of it; "storeevents verify" reports those.
// The folders of batches below a day are not partitions: Athena reads them as part of the day.
func (c *Catalog) newCuratedTable(s scope, args *CatalogArgs) (pulumi.StringOutput, error) {
	contract := schema.Load()
	wider, err := contract.WithColumns(args.Settings.ExtraColumns)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("curated table: extraColumns: %w", err)
	}
	location := pulumi.Sprintf("s3://%s/%s/", args.Storage.Bucket, contract.Prefixes.Curated)
	dt := contract.PartitionKey
	table, err := glue.NewCatalogTable(s.ctx, s.label("curated"), &glue.CatalogTableArgs{
		Name:         pulumi.String(CuratedTable),
		Description:  pulumi.String("Valid store events, one row each"),
		DatabaseName: c.Database,
		TableType:    pulumi.String("EXTERNAL_TABLE"),
		Parameters: pulumi.StringMap{
			"EXTERNAL":                            pulumi.String("TRUE"),
			"classification":                      pulumi.String("parquet"),
			"parquet.compression":                 pulumi.String("SNAPPY"),
			"projection.enabled":                  pulumi.String("true"),
			"projection." + dt + ".type":          pulumi.String("date"),
			"projection." + dt + ".format":        pulumi.String("yyyy-MM-dd"),
			"projection." + dt + ".range":         pulumi.String(fmt.Sprintf("%s,NOW+%dDAYS", contract.Days.First, contract.Days.Ahead)),
			"projection." + dt + ".interval":      pulumi.String("1"),
			"projection." + dt + ".interval.unit": pulumi.String("DAYS"),
			"storage.location.template":           pulumi.Sprintf("%s%s=${%s}/", location, dt, dt),
		},
		PartitionKeys: glue.CatalogTablePartitionKeyArray{
			glue.CatalogTablePartitionKeyArgs{Name: pulumi.String(dt), Type: pulumi.String("string"), Comment: pulumi.String("Day of the event, UTC")},
		},
		StorageDescriptor: glue.CatalogTableStorageDescriptorArgs{
			Location:     location,
			InputFormat:  pulumi.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"),
			OutputFormat: pulumi.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"),
			Columns:      curatedColumns(wider),
			SerDeInfo: glue.CatalogTableStorageDescriptorSerDeInfoArgs{
				SerializationLibrary: pulumi.String("org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
				Parameters:           pulumi.StringMap{"serialization.format": pulumi.String("1")},
			},
		},
	}, s.parent)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("curated table: %w", err)
	}
	return table.Name, nil
}

// curatedColumns returns the contract's fields and the column for unknown fields.
func curatedColumns(contract schema.Contract) glue.CatalogTableStorageDescriptorColumnArray {
	column := func(name, kind, comment string) glue.CatalogTableStorageDescriptorColumnInput {
		return glue.CatalogTableStorageDescriptorColumnArgs{
			Name: pulumi.String(name), Type: pulumi.String(kind), Comment: pulumi.String(comment),
		}
	}
	var columns glue.CatalogTableStorageDescriptorColumnArray
	for _, f := range append(slices.Clone(contract.Fields), schema.Extra) {
		columns = append(columns, column(f.Name, f.GlueType(), f.Description))
	}
	return columns
}
