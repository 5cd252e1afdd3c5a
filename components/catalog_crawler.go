package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/glue"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// crawlerConfiguration adds new columns to the table, gives partitions the table's
// schema, and makes a table of each folder of the bucket (level 2), even if its
// objects differ: https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html
//
// A crawler makes partition indexes unless it is told not to. Its role may not,
// encrypted partitions do not support them, and nothing here filters on them:
// https://docs.aws.amazon.com/glue/latest/dg/crawler-configure-partition-indexes.html
const crawlerConfiguration = `{"Version":1,"CreatePartitionIndex":false,` +
	`"CrawlerOutput":{"Partitions":{"AddOrUpdateBehavior":"InheritFromTable"},"Tables":{"AddOrUpdateBehavior":"MergeNewColumns"}},` +
	`"Grouping":{"TableGroupingPolicy":"CombineCompatibleSchemas","TableLevelConfiguration":2}}`

// newCrawler creates the crawler of the events. A crawl is billed for at least ten
// minutes, so it has its own schedule, apart from the job's, and the job starts it
// when it finds a table, day or field that the catalog lacks.
func (c *Catalog) newCrawler(s scope, args *CatalogArgs) (pulumi.StringOutput, error) {
	role, err := newBareRole(s.within("crawler"), roleArgs{
		service:     "glue.amazonaws.com",
		description: "Crawls the events and writes what it finds to the catalog",
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
		// A deleted object changes nothing: rows loaded from it stay.
		SchemaChangePolicy: glue.CrawlerSchemaChangePolicyArgs{
			UpdateBehavior: pulumi.String("UPDATE_IN_DATABASE"),
			DeleteBehavior: pulumi.String("LOG"),
		},
		// Crawling new folders only would not merge new columns.
		RecrawlPolicy: glue.CrawlerRecrawlPolicyArgs{RecrawlBehavior: pulumi.String("CRAWL_EVERYTHING")},
		// `pulumi up --replace` would make the new one first, whose name is taken.
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

// crawlerExclusions match what is not an event, in case it is ever below a target.
func crawlerExclusions() pulumi.StringArray {
	p := schema.Load().Prefixes
	return list(p.Bookmarks+"/**", p.Feed+"/**", p.AthenaResults+"/**", "**/_temporary/**", "**/_spark_metadata/**", "**_$folder$")
}

// crawlerPolicy is everything that the crawler may do.
func crawlerPolicy(args *CatalogArgs) []statement {
	env := args.Environment
	var objects pulumi.StringArray
	for _, stream := range schema.Load().Streams {
		objects = append(objects, env.bucketArn(args.Storage.Bucket, "/"+stream.Name+"/*"))
	}
	return []statement{
		{
			// Without a condition on s3:prefix: HeadBucket is s3:ListBucket too, and has
			// no prefix. A listed object cannot be read.
			sid:       "ListBucket",
			actions:   []string{"s3:ListBucket", "s3:GetBucketLocation"},
			resources: pulumi.StringArray{env.bucketArn(args.Storage.Bucket, "")},
		},
		{sid: "ReadEvents", actions: []string{"s3:GetObject"}, resources: objects},
		useKey(args.Storage.keys()...),
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
	}
}
