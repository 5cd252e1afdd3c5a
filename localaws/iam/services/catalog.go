package services

import (
	"slices"
	"strings"

	"localaws/iam/policy"
)

// Crawler holds what a crawl of S3 depends on.
type Crawler struct {
	Database, TablePrefix string
	// Targets are the S3 paths, such as s3://bucket/folder/.
	Targets []string
	// PartitionIndexes is the setting of the crawler's configuration; Glue's default is true.
	PartitionIndexes bool
	// EncryptedLog is the group of the crawl's log, if a security configuration makes Glue encrypt it.
	EncryptedLog string
}

// Crawl is what a crawler does as its role in addition to its calls to a catalog: it finds the buckets first,
// and creates a partition index for each table, for which the role needs a permission that is missing in AWS's
// lists of a crawler's permissions.
// https://docs.aws.amazon.com/glue/latest/dg/crawler-prereqs.html
// https://docs.aws.amazon.com/glue/latest/dg/partition-indexes.html
func (p Place) Crawl(role policy.Principal, c Crawler) []policy.Request {
	var requests []policy.Request
	for _, target := range c.Targets {
		bucket, prefix, _ := strings.Cut(strings.TrimPrefix(target, "s3://"), "/")
		requests = append(requests, slices.Concat(
			// HeadBucket is authorized as s3:ListBucket, and has no prefix:
			// https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html
			each(p.bucket(bucket), nil, "s3:GetBucketLocation", "s3:ListBucket"),
			each(p.bucket(bucket), keys("s3:prefix", prefix), "s3:ListBucket"),
		)...)
	}
	// Public reports of denied crawls name the table as *, whatever prefix the
	// crawler has; a role that may use every table works either way.
	table := p.arn("glue", "table/"+c.Database+"/*")
	resources := []string{p.arn("glue", "catalog"), p.arn("glue", "database/"+c.Database), table}
	for _, resource := range resources {
		requests = append(requests, each(resource, nil, "glue:GetTable", "glue:CreateTable", "glue:UpdateTable", "glue:BatchGetPartition", "glue:BatchCreatePartition")...)
		if c.PartitionIndexes {
			requests = append(requests, each(resource, nil, "glue:CreatePartitionIndex")...)
		}
	}
	if c.EncryptedLog != "" {
		requests = append(requests, each(p.group(c.EncryptedLog), nil, "logs:AssociateKmsKey")...)
	}
	return as(role, requests...)
}
