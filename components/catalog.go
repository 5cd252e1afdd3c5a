package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Catalog is the Glue catalog of the bucket: the crawler that finds the tables of
// the events, and the declared tables over the curated Parquet and over the
// manifests of runs.
type Catalog struct {
	pulumi.ResourceState

	Database pulumi.StringOutput `pulumi:"database"`
	Crawler  pulumi.StringOutput `pulumi:"crawler"`
	// CuratedTable is the name of the table over the curated Parquet.
	CuratedTable pulumi.StringOutput `pulumi:"curatedTable"`
	// SecurityConfiguration encrypts the output of crawler and job.
	SecurityConfiguration pulumi.StringOutput `pulumi:"securityConfiguration"`
	// Settings are the ones that the job shares.
	Settings config.Catalog
}

// CatalogArgs are the inputs of a Catalog.
type CatalogArgs struct {
	Environment Environment
	Settings    config.Catalog
	Storage     *Storage
	// JobName is the name of the job that writes the manifests.
	JobName string
	// Schedule is the crawler's own schedule, a Glue cron expression; empty for none.
	Schedule string
}

// NewCatalog creates a Catalog.
func NewCatalog(ctx *pulumi.Context, name string, args *CatalogArgs, opts ...pulumi.ResourceOption) (*Catalog, error) {
	c := &Catalog{Settings: args.Settings}
	s, err := open(ctx, name, c, pulumi.Map{
		"database":    pulumi.String(args.Settings.Database),
		"crawler":     pulumi.String(args.Settings.CrawlerName),
		"tablePrefix": pulumi.String(args.Settings.TablePrefix),
		"bucket":      args.Storage.Bucket,
	}, opts)
	if err != nil {
		return nil, err
	}
	database, err := glue.NewCatalogDatabase(ctx, s.label("database"), &glue.CatalogDatabaseArgs{
		Name:        pulumi.String(args.Settings.Database),
		Description: pulumi.String("Crawled and curated store events"),
		LocationUri: pulumi.Sprintf("s3://%s/", args.Storage.Bucket),
		Tags:        args.Environment.classified(name),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("catalog database: %w", err)
	}
	c.Database = database.Name
	if err := encryptCatalog(s, args); err != nil {
		return nil, err
	}
	if c.SecurityConfiguration, err = newSecurityConfiguration(s, args.Storage.KeyArn); err != nil {
		return nil, err
	}
	if c.Crawler, err = c.newCrawler(s, args); err != nil {
		return nil, err
	}
	if c.CuratedTable, err = c.newCuratedTable(s, args); err != nil {
		return nil, err
	}
	if err := c.newManifestTable(s, args); err != nil {
		return nil, err
	}
	return c, s.close(c)
}
