package components

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// jobPolicy returns the job's permissions. It can change neither its script nor the events.
func jobPolicy(workflow string, args *EtlArgs, connection pulumi.StringInput) []statement {
	env := args.Environment
	secrets := pulumi.StringArray{args.Database.LoaderSecretArn}
	if key := args.Settings.LineageSecretARN; key != "" {
		secrets = append(secrets, pulumi.String(key))
	}
	return append(slices.Concat(
		jobStorage(args), jobNetwork(args), useStorageKeys(env, args.Storage),
		decryptSecrets(env, append(slices.Clone(args.Database.keys), args.LineageKeyArn)...)),
		statement{
			sid:     "ReadCatalog",
			actions: []string{"glue:GetDatabase", "glue:GetTable", "glue:GetTables", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"},
			resources: list(
				env.arn("glue", "catalog"),
				env.arn("glue", "database/default"), // Spark reads it when it starts.
				env.arn("glue", "database/"+args.Catalog.Settings.Database),
				env.arn("glue", fmt.Sprintf("table/%s/%s*", args.Catalog.Settings.Database, args.Catalog.Settings.TablePrefix))),
		},
		statement{
			sid:       "Crawl",
			actions:   []string{"glue:StartCrawler", "glue:GetCrawler"},
			resources: pulumi.StringArray{env.arnOf("glue", "crawler/%s", args.Catalog.Crawler)},
		},
		statement{
			sid:       "ReadConnection",
			actions:   []string{"glue:GetConnection"},
			resources: pulumi.StringArray{pulumi.String(env.arn("glue", "catalog")), env.arnOf("glue", "connection/%s", connection)},
		},
		statement{
			// The starter sets a property there if the feed is enough.
			sid:       "ReadRunProperties",
			actions:   []string{"glue:GetWorkflowRunProperties"},
			resources: list(env.arn("glue", "workflow/"+workflow)),
		},
		statement{
			// These actions cannot be limited to a resource. job.commit() stores the
			// bookmark; AWS does not document UpdateJobBookmark, but some jobs have needed it.
			sid:       "KeepBookmarkAndReadEncryptionSettings",
			actions:   []string{"glue:GetJobBookmark", "glue:UpdateJobBookmark", "glue:GetSecurityConfiguration"},
			resources: list("*"),
		},
		statement{
			sid:       "ReadLogin",
			actions:   []string{"secretsmanager:GetSecretValue"},
			resources: secrets,
		},
		statement{
			// Metrics have no resources; the namespace is the narrowest limit.
			sid:       "PutMetrics",
			actions:   []string{"cloudwatch:PutMetricData"},
			resources: list("*"),
			condition: when("StringLike", "cloudwatch:namespace", pulumi.String("Glue*"), pulumi.String(schema.Load().Metrics.Namespace)),
		},
	)
}

// jobStorage allows reading events and scripts, and writing curated, quarantined
// and temporary files.
func jobStorage(args *EtlArgs) []statement {
	contract, env, bucket := schema.Load(), args.Environment, args.Storage.Bucket
	p := contract.Prefixes
	reads := pulumi.StringArray{env.bucketArn(bucket, "/"+p.Scripts+"/*")}
	for _, stream := range contract.Streams {
		reads = append(reads, env.bucketArn(bucket, "/"+stream.Name+"/*"))
	}
	var writes pulumi.StringArray
	for _, prefix := range []string{p.Curated, p.Quarantine, p.Bookmarks} {
		writes = append(writes, env.bucketArn(bucket, "/"+prefix+"/*"))
	}
	return []statement{
		{
			sid:       "ListBucket",
			actions:   []string{"s3:ListBucket", "s3:GetBucketLocation"},
			resources: pulumi.StringArray{env.bucketArn(bucket, "")},
		},
		{sid: "ReadAndTidyFeed", actions: []string{"s3:GetObject", "s3:DeleteObject"}, resources: pulumi.StringArray{env.bucketArn(bucket, "/"+p.Feed+"/*")}},
		{sid: "ReadEventsAndScripts", actions: []string{"s3:GetObject"}, resources: reads},
		{
			sid: "WriteResults",
			actions: []string{
				"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
			},
			resources: writes,
		},
	}
}

// jobNetwork allows Glue to create the job's network interfaces in the connection's
// subnet only. The actions are those of AWS's example:
// https://docs.aws.amazon.com/glue/latest/dg/create-service-policy.html
func jobNetwork(args *EtlArgs) []statement {
	env, n := args.Environment, args.Network
	interfaces := pulumi.String(env.arn("ec2", "network-interface/*"))
	subnet := env.arnOf("ec2", "subnet/%s", n.AppSubnetIDs[0])
	return []statement{
		{
			sid:       "CreateInterface",
			actions:   []string{"ec2:CreateNetworkInterface"},
			resources: pulumi.StringArray{interfaces, subnet, env.arnOf("ec2", "security-group/%s", n.SecurityGroups.Job)},
		},
		{
			// The interface's ID is not known in advance. A condition on its subnet would
			// fail where Glue's request has no interface, and an interface in use
			// cannot be deleted anyway.
			sid:       "DeleteInterface",
			actions:   []string{"ec2:DeleteNetworkInterface"},
			resources: pulumi.StringArray{interfaces},
		},
		{
			sid:       "TagInterface",
			actions:   []string{"ec2:CreateTags", "ec2:DeleteTags"},
			resources: pulumi.StringArray{interfaces},
			// Null excludes requests without keys: ForAllValues accepts those, and DeleteTags would delete all tags.
			condition: pulumi.Map{
				"ForAllValues:StringEquals": pulumi.Map{"aws:TagKeys": list("aws-glue-service-resource")},
				"Null":                      pulumi.Map{"aws:TagKeys": pulumi.String("false")},
			},
		},
		{
			// Describe actions cannot be limited to resources.
			sid: "DescribeNetwork",
			actions: []string{
				"ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups",
				"ec2:DescribeVpcEndpoints", "ec2:DescribeRouteTables", "ec2:DescribeVpcAttribute",
			},
			resources: list("*"),
		},
	}
}
