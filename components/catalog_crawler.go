package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// crawlerConfiguration: new columns join the table, partitions take the table's
// schema, and a table is a folder of the bucket (level 2), however its objects
// differ: https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
//
// A crawler makes partition indexes unless it is told not to. Its role may not,
// encrypted partitions do not support them, and nothing here filters on them:
// https://docs.aws.amazon.com/glue/latest/dg/crawler-configure-partition-indexes.html
const crawlerConfiguration = `{"Version":1,"CreatePartitionIndex":false,` +
	`"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"},"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}},` +
	`"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":2}}`

// newCrawler makes the crawler of the events. It has no schedule: the
// workflow starts it every hour and the job after it, and a second schedule here
// would crawl twice.
func (c *Catalog) newCrawler(ctx *pulumi.Context, name string, args *CatalogArgs, child pulumi.ResourceOption) (pulumi.StringOutput, error) {
	role, err := newBareRole(ctx, name+"-crawler", roleArgs{
		service:     "glue.amazonaws.com",
		description: "Crawls the events and writes what it finds to the catalog",
	}, child)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	logs, err := newCrawlerLog(ctx, name, args, role, c.SecurityConfiguration, child)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	if err := role.grant(ctx, name+"-crawler", slices.Concat(crawlerPolicy(args), useCatalogKey(args.Catalog), []statement{logs.write()}), child); err != nil {
		return pulumi.StringOutput{}, err
	}
	var targets glue.CrawlerS3TargetArray
	for _, stream := range schema.Load().Streams {
		targets = append(targets, glue.CrawlerS3TargetArgs{
			Path:       pulumi.Sprintf("s3://%s/%s/", args.Bucket, stream.Name),
			Exclusions: crawlerExclusions(),
		})
	}
	crawler, err := glue.NewCrawler(ctx, name+"-crawler", &glue.CrawlerArgs{
		Name:                  pulumi.String(args.Catalog.CrawlerName),
		Description:           pulumi.String("Finds tables and partitions of the store events"),
		DatabaseName:          c.Database,
		Role:                  role.Arn,
		TablePrefix:           pulumi.String(args.Catalog.TablePrefix),
		S3Targets:             targets,
		SecurityConfiguration: c.SecurityConfiguration,
		Configuration:         pulumi.String(crawlerConfiguration),
		// A vanished object changes nothing: rows loaded from it stay.
		SchemaChangePolicy: glue.CrawlerSchemaChangePolicyArgs{
			UpdateBehavior: pulumi.String("UPDATE_IN_DATABASE"),
			DeleteBehavior: pulumi.String("LOG"),
		},
		// Crawling new folders only would not merge new columns.
		RecrawlPolicy: glue.CrawlerRecrawlPolicyArgs{RecrawlBehavior: pulumi.String("CRAWL_EVERYTHING")},
	}, child, role.ready, logs.ready())
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("crawler: %w", err)
	}
	return crawler.Name, nil
}

// crawlerExclusions are what is not events, should it ever lie below a target.
func crawlerExclusions() pulumi.StringArray {
	p := schema.Load().Prefixes
	return list(p.Bookmarks+"/**", p.AthenaResults+"/**", "**/_temporary/**", "**/_spark_metadata/**", "**_$folder$")
}

func crawlerPolicy(args *CatalogArgs) []statement {
	site, catalog := args.Site, args.Catalog
	var objects pulumi.StringArray
	for _, stream := range schema.Load().Streams {
		objects = append(objects, site.bucketArn(args.Bucket, "/"+stream.Name+"/*"))
	}
	return []statement{
		{
			// Without a condition on s3:prefix: HeadBucket is s3:ListBucket too, and has
			// no prefix. What is listed cannot be read.
			sid:       "ListBucket",
			actions:   []string{"s3:ListBucket", "s3:GetBucketLocation"},
			resources: pulumi.StringArray{site.bucketArn(args.Bucket, "")},
		},
		{sid: "ReadEvents", actions: []string{"s3:GetObject"}, resources: objects},
		useKey(args.KeyArn),
		{
			// Every table of the database, not only those with the prefix: crawlers are
			// checked on table/DATABASE/*, which a narrower pattern does not match.
			sid: "WriteCatalog",
			actions: []string{
				"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable",
				"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition", "glue:CreatePartition",
				"glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchUpdatePartition",
			},
			resources: list(
				site.arn("glue", "catalog"),
				site.arn("glue", "database/"+catalog.Database),
				site.arn("glue", fmt.Sprintf("table/%s/*", catalog.Database))),
		},
		{
			// The action cannot be limited to one configuration.
			sid:       "ReadEncryptionSettings",
			actions:   []string{"glue:GetSecurityConfiguration"},
			resources: list("*"),
		},
	}
}
