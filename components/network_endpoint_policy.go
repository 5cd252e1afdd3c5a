package components

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// publishedBuckets are AWS's buckets, per region, that Glue and the instance need.
// AWS does not document their accounts, so they are listed by their full names:
// anyone can own a bucket that matches a pattern such as aws-glue-*, and data could
// leave or enter through it.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-minimum-s3-permissions.html
// https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades.html
var publishedBuckets = []string{
	"aws-glue-jes-prod-%s-assets", // Glue's own libraries.
	"al2023-repos-%s-de612dc2",    // Packages of Amazon Linux.
	"amazon-ssm-%s",               // Updates of the SSM agent; its plugins below.
	"aws-ssm-%s",
	"amazon-ssm-packages-%s",
	"%s-birdwatcher-prod",
	"aws-ssm-document-attachments-%s",
}

// s3EndpointPolicy allows the stack's bucket, for this account only, and reading
// publishedBuckets.
func s3EndpointPolicy(args *NetworkArgs) pulumi.StringOutput {
	var public pulumi.StringArray
	for _, pattern := range publishedBuckets {
		public = append(public, args.Environment.bucketArn(pulumi.String(fmt.Sprintf(pattern, args.Environment.Region)), "/*"))
	}
	account := pulumi.String(args.Environment.Account)
	return policyDocument(
		statement{
			sid:       "StackBucket",
			principal: anyone(),
			actions: []string{
				"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketLocation",
				"s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
			},
			resources: pulumi.StringArray{args.Environment.bucketArn(args.Storage.Bucket, ""), args.Environment.bucketArn(args.Storage.Bucket, "/*")},
			condition: pulumi.Map{"StringEquals": pulumi.Map{"aws:PrincipalAccount": account, "aws:ResourceAccount": account}},
		},
		statement{
			sid:       "ReadWhatAWSPublishes",
			principal: anyone(),
			actions:   []string{"s3:GetObject"},
			resources: public,
		},
	)
}

// interfacePolicy limits the endpoint to this account's credentials and resources.
// The roles' policies decide what each may do. IfExists covers actions without a
// resource, and so without an account.
func interfacePolicy(env Environment, service string) pulumi.StringOutput {
	prefix := service
	if service == "monitoring" {
		prefix = "cloudwatch"
	}
	return policyDocument(statement{
		sid:       "OwnAccount",
		principal: anyone(),
		actions:   []string{prefix + ":*"},
		resources: list("*"),
		condition: pulumi.Map{
			"StringEquals":         pulumi.Map{"aws:PrincipalAccount": pulumi.String(env.Account)},
			"StringEqualsIfExists": pulumi.Map{"aws:ResourceAccount": pulumi.String(env.Account)},
		},
	})
}
