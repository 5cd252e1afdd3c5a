package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// newManifestTable declares the table over the manifests of the job's runs, with the
// objects that each run considered and the results. Athena reads the folders of all
// runs as one table.
func (c *Catalog) newManifestTable(s scope, args *CatalogArgs) error {
	contract := schema.Load()
	var columns glue.CatalogTableStorageDescriptorColumnArray
	for _, column := range contract.Manifest.Columns {
		columns = append(columns, glue.CatalogTableStorageDescriptorColumnArgs{
			Name: pulumi.String(column.Name), Type: pulumi.String(column.Type), Comment: pulumi.String(column.Description),
		})
	}
	_, err := glue.NewCatalogTable(s.ctx, s.label("manifest"), &glue.CatalogTableArgs{
		Name:         pulumi.String(contract.Manifest.Table),
		Description:  pulumi.String("Objects that each run of the job considered, with the outcomes"),
		DatabaseName: c.Database,
		TableType:    pulumi.String("EXTERNAL_TABLE"),
		Parameters: pulumi.StringMap{
			"EXTERNAL":       pulumi.String("TRUE"),
			"classification": pulumi.String("json"),
		},
		StorageDescriptor: glue.CatalogTableStorageDescriptorArgs{
			Location:     pulumi.Sprintf("s3://%s/%s", args.Storage.Bucket, contract.ManifestPrefix(args.JobName)),
			InputFormat:  pulumi.String("org.apache.hadoop.mapred.TextInputFormat"),
			OutputFormat: pulumi.String("org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
			Columns:      columns,
			SerDeInfo: glue.CatalogTableStorageDescriptorSerDeInfoArgs{
				SerializationLibrary: pulumi.String("org.openx.data.jsonserde.JsonSerDe"),
			},
		},
	}, s.parent)
	if err != nil {
		return fmt.Errorf("table of the manifests: %w", err)
	}
	return nil
}
