package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Catalog is what is known of the data in the bucket: the crawler that finds
// the events' tables, and the declared tables of the curated Parquet and of the
// manifests of runs.
type Catalog struct {
	pulumi.ResourceState

	Database pulumi.StringOutput
	Crawler  pulumi.StringOutput
	// CuratedTable is the name of the table over the curated Parquet.
	CuratedTable pulumi.StringOutput
	// SecurityConfiguration encrypts what crawler and job write.
	SecurityConfiguration pulumi.StringOutput
}

// CatalogArgs are the inputs of a Catalog.
type CatalogArgs struct {
	Site    Site
	Common  config.Common
	Catalog config.Catalog
	Bucket  pulumi.StringInput
	KeyArn  pulumi.StringInput
	// JobName is the name of the job whose runs leave manifests.
	JobName string
}

// NewCatalog makes a Catalog.
func NewCatalog(ctx *pulumi.Context, name string, args *CatalogArgs, opts ...pulumi.ResourceOption) (*Catalog, error) {
	c := &Catalog{}
	child, err := register(ctx, "Catalog", name, pulumi.Map{
		"database":    pulumi.String(args.Catalog.Database),
		"crawler":     pulumi.String(args.Catalog.CrawlerName),
		"tablePrefix": pulumi.String(args.Catalog.TablePrefix),
		"bucket":      args.Bucket,
	}, c, opts)
	if err != nil {
		return nil, err
	}
	database, err := glue.NewCatalogDatabase(ctx, name+"-database", &glue.CatalogDatabaseArgs{
		Name:        pulumi.String(args.Catalog.Database),
		Description: pulumi.String("Store events, as crawled and as curated"),
		LocationUri: pulumi.Sprintf("s3://%s/", args.Bucket),
		Tags:        classified(name, args.Common),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("catalog database: %w", err)
	}
	c.Database = database.Name
	if err := encryptCatalog(ctx, name, args, child); err != nil {
		return nil, err
	}
	if c.SecurityConfiguration, err = newSecurityConfiguration(ctx, name, args.KeyArn, child); err != nil {
		return nil, err
	}
	if c.Crawler, err = c.newCrawler(ctx, name, args, child); err != nil {
		return nil, err
	}
	if c.CuratedTable, err = c.newCuratedTable(ctx, name, args, child); err != nil {
		return nil, err
	}
	if err := c.newManifestTable(ctx, name, args, child); err != nil {
		return nil, err
	}
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{
		"database":     c.Database,
		"crawler":      c.Crawler,
		"curatedTable": c.CuratedTable,
	})
}

// encryptCatalog encrypts the catalog of account and region, where configured.
func encryptCatalog(ctx *pulumi.Context, name string, args *CatalogArgs, child pulumi.ResourceOption) error {
	if !args.Catalog.Encryption {
		return nil
	}
	_, err := glue.NewDataCatalogEncryptionSettings(ctx, name+"-catalog-encryption", &glue.DataCatalogEncryptionSettingsArgs{
		DataCatalogEncryptionSettings: glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsArgs{
			EncryptionAtRest: glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsEncryptionAtRestArgs{
				CatalogEncryptionMode: pulumi.String("SSE-KMS"),
				SseAwsKmsKeyId:        args.KeyArn,
			},
			ConnectionPasswordEncryption: glue.DataCatalogEncryptionSettingsDataCatalogEncryptionSettingsConnectionPasswordEncryptionArgs{
				ReturnConnectionPasswordEncrypted: pulumi.Bool(true),
				AwsKmsKeyId:                       args.KeyArn,
			},
		},
	}, child)
	if err != nil {
		return fmt.Errorf("encryption of the catalog: %w", err)
	}
	return nil
}

// useCatalogKey lets a role read and write a catalog that another stack encrypts
// with its key: https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html
func useCatalogKey(c config.Catalog) []statement {
	if c.KeyArn == "" {
		return nil
	}
	use := useKey(pulumi.String(c.KeyArn))
	use.sid = "UseCatalogKey"
	return []statement{use}
}

func newSecurityConfiguration(ctx *pulumi.Context, name string, keyArn pulumi.StringInput, child pulumi.ResourceOption) (pulumi.StringOutput, error) {
	sc, err := glue.NewSecurityConfiguration(ctx, name+"-encryption", &glue.SecurityConfigurationArgs{
		Name: pulumi.String(name),
		EncryptionConfiguration: glue.SecurityConfigurationEncryptionConfigurationArgs{
			CloudwatchEncryption: glue.SecurityConfigurationEncryptionConfigurationCloudwatchEncryptionArgs{
				CloudwatchEncryptionMode: pulumi.String("SSE-KMS"),
				KmsKeyArn:                keyArn,
			},
			JobBookmarksEncryption: glue.SecurityConfigurationEncryptionConfigurationJobBookmarksEncryptionArgs{
				JobBookmarksEncryptionMode: pulumi.String("CSE-KMS"),
				KmsKeyArn:                  keyArn,
			},
			S3Encryption: glue.SecurityConfigurationEncryptionConfigurationS3EncryptionArgs{
				S3EncryptionMode: pulumi.String("SSE-KMS"),
				KmsKeyArn:        keyArn,
			},
		},
	}, child)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("glue security configuration: %w", err)
	}
	return sc.Name, nil
}
