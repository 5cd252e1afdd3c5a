package services

import (
	"slices"
	"strings"

	"localaws/iam/policy"
)

// Crawler contains the properties of a crawler that determine its requests.
type Crawler struct {
	Database string
	// Targets are S3 paths, for example s3://bucket/folder/.
	Targets []string
	// PartitionIndexes is the setting of the crawler's configuration; Glue's default is true.
	PartitionIndexes bool
	// EncryptedLog is the log group if a security configuration encrypts it, or "".
	EncryptedLog string
}

// Crawl returns the requests that a crawler makes with its role in addition to its visible API calls. They include the
// creation of partition indexes, which AWS's lists of a crawler's permissions do not contain.
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
	// In public reports of denied crawls the table is always *. A role that may use every table works in all cases.
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
