package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// crawlerConfiguration adds new columns to the table, makes partitions inherit the
// table's schema, and creates one table per folder of the bucket (level 2), even if its
// objects differ: https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
//
// It turns partition indexes off, which are on by default: the role may not create
// them, encrypted partitions do not support them, and nothing here filters on them:
// https://docs.aws.amazon.com/glue/latest/dg/crawler-configure-partition-indexes.html
const crawlerConfiguration = `{"Version":1,"CreatePartitionIndex":false,` +
	`"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"},"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}},` +
	`"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":2}}`

// newCrawler creates the crawler of the events. A crawl is billed for at least ten
// minutes, so the crawler has a separate schedule, and the job starts it when the
// catalog lacks a table, day or field.
func (c *Catalog) newCrawler(s scope, args *CatalogArgs) (pulumi.StringOutput, error) {
	role, err := newBareRole(s.within("crawler"), roleArgs{
		service:     "glue.amazonaws.com",
		description: "Crawls the events and writes tables and partitions to the catalog",
	})
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	logs, err := newCrawlerLog(s, args, role, c.SecurityConfiguration)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	policy := slices.Concat(crawlerPolicy(args), useCatalogKey(args.Settings), []statement{logs.write()})
	if err := role.grant(s.within("crawler"), policy...); err != nil {
		return pulumi.StringOutput{}, err
	}
	var targets glue.CrawlerS3TargetArray
	for _, stream := range schema.Load().Streams {
		targets = append(targets, glue.CrawlerS3TargetArgs{
			Path:       pulumi.Sprintf("s3://%s/%s/", args.Storage.Bucket, stream.Name),
			Exclusions: crawlerExclusions(),
		})
	}
	crawler, err := glue.NewCrawler(s.ctx, s.label("crawler"), &glue.CrawlerArgs{
		Name:                  pulumi.String(args.Settings.CrawlerName),
		Description:           pulumi.String("Finds tables and partitions of the store events"),
		DatabaseName:          c.Database,
		Role:                  role.Arn,
		Schedule:              crawlSchedule(args),
		TablePrefix:           pulumi.String(args.Settings.TablePrefix),
		S3Targets:             targets,
		SecurityConfiguration: c.SecurityConfiguration,
		Configuration:         pulumi.String(crawlerConfiguration),
		// Deleted objects change nothing: their rows stay loaded.
		SchemaChangePolicy: glue.CrawlerSchemaChangePolicyArgs{
			UpdateBehavior: pulumi.String("UPDATE_IN_DATABASE"),
			DeleteBehavior: pulumi.String("LOG"),
		},
		// Crawling new folders only would not merge new columns.
		RecrawlPolicy: glue.CrawlerRecrawlPolicyArgs{RecrawlBehavior: pulumi.String("CRAWL_EVERYTHING")},
		// Otherwise `pulumi up --replace` would create the new one first, whose name is in use.
	}, s.parent, role.ready, logs.ready(), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("crawler: %w", err)
	}
	return crawler.Name, nil
}

func crawlSchedule(args *CatalogArgs) pulumi.StringPtrInput {
	if args.Schedule == "" {
		return nil
	}
	return pulumi.String(args.Schedule)
}

// crawlerExclusions match everything but events, in case one of them is below a target.
func crawlerExclusions() pulumi.StringArray {
	p := schema.Load().Prefixes
	return list(p.Bookmarks+"/**", p.Feed+"/**", p.AthenaResults+"/**", "**/_temporary/**", "**/_spark_metadata/**", "**_$folder$")
}

// crawlerPolicy returns the crawler's permissions.
func crawlerPolicy(args *CatalogArgs) []statement {
	env := args.Environment
	var objects pulumi.StringArray
	for _, stream := range schema.Load().Streams {
		objects = append(objects, env.bucketArn(args.Storage.Bucket, "/"+stream.Name+"/*"))
	}
	return slices.Concat([]statement{
		{
			// Without a condition on s3:prefix: HeadBucket also needs s3:ListBucket, and has
			// no prefix. Listing does not allow reading.
			sid:       "ListBucket",
			actions:   []string{"s3:ListBucket", "s3:GetBucketLocation"},
			resources: pulumi.StringArray{env.bucketArn(args.Storage.Bucket, "")},
		},
		{sid: "ReadEvents", actions: []string{"s3:GetObject"}, resources: objects},
	}, useStorageKeys(env, args.Storage), []statement{
		{
			// Every table of the database, not only those with the prefix: Glue authorizes
			// crawlers for table/DATABASE/*, which a narrower pattern does not match.
			sid: "WriteCatalog",
			actions: []string{
				"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:CreateTable", "glue:UpdateTable",
				"glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition", "glue:CreatePartition",
				"glue:BatchCreatePartition", "glue:UpdatePartition", "glue:BatchUpdatePartition",
			},
			resources: list(
				env.arn("glue", "catalog"),
				env.arn("glue", "database/"+args.Settings.Database),
				env.arn("glue", fmt.Sprintf("table/%s/*", args.Settings.Database))),
		},
		{
			// The action cannot be limited to one configuration.
			sid:       "ReadEncryptionSettings",
			actions:   []string{"glue:GetSecurityConfiguration"},
			resources: list("*"),
		},
	})
}
