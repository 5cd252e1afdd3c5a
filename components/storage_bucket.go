package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// classified are the tags of a data store.
func classified(name string, c config.Common) pulumi.StringMap {
	return pulumi.StringMap{
		"Name":               pulumi.String(name),
		"DataClassification": pulumi.String(c.DataClassification),
	}
}

// bucket is a bucket with everything that all buckets of the stack have:
// versions, encryption, no ACLs, no public access, TLS only, a life cycle.
type bucket struct {
	*s3.BucketV2
	// ready is the option of resources that put objects into the bucket.
	ready pulumi.ResourceOption
}

type bucketArgs struct {
	site   Site
	common config.Common
	// name is a fixed name, or empty.
	name       string
	encryption *s3.BucketServerSideEncryptionConfigurationV2RuleArgs
	lifecycle  s3.BucketLifecycleConfigurationV2RuleArray
	allow      func(bucket pulumi.StringInput) []statement
}

func newBucket(ctx *pulumi.Context, name string, args bucketArgs, child pulumi.ResourceOption) (*bucket, error) {
	// What protects a bucket that is kept is kept with it.
	child = pulumi.Composite(child, pulumi.RetainOnDelete(args.common.ProtectData))
	spec := &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(!args.common.ProtectData),
		Tags:         classified(name, args.common),
	}
	if args.name != "" {
		spec.Bucket = pulumi.String(args.name)
	}
	b, err := s3.NewBucketV2(ctx, name, spec, child, kept(args.common))
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", name, err)
	}
	made := &bucket{BucketV2: b}
	private, err := closeBucket(ctx, name, b.Bucket, child)
	if err != nil {
		return nil, err
	}
	encryption, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name+"-encryption", &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: b.Bucket,
		Rules:  s3.BucketServerSideEncryptionConfigurationV2RuleArray{args.encryption},
	}, child)
	if err != nil {
		return nil, err
	}
	versions, err := s3.NewBucketVersioningV2(ctx, name+"-versions", &s3.BucketVersioningV2Args{
		Bucket:                  b.Bucket,
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, child)
	if err != nil {
		return nil, err
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(ctx, name+"-lifecycle", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: b.Bucket,
		Rules:  args.lifecycle,
	}, child, pulumi.DependsOn([]pulumi.Resource{versions})) // Its rules refer to noncurrent versions.
	if err != nil {
		return nil, err
	}
	policy, err := bucketPolicy(ctx, name, args, b.Bucket, child, private)
	made.ready = pulumi.DependsOn([]pulumi.Resource{encryption, versions, policy})
	return made, err
}

// closeBucket switches ACLs off and blocks every kind of public access.
func closeBucket(ctx *pulumi.Context, name string, bucket pulumi.StringInput, child pulumi.ResourceOption) (pulumi.Resource, error) {
	_, err := s3.NewBucketOwnershipControls(ctx, name+"-ownership", &s3.BucketOwnershipControlsArgs{
		Bucket: bucket,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, child)
	if err != nil {
		return nil, err
	}
	return s3.NewBucketPublicAccessBlock(ctx, name+"-private", &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, child)
}

func bucketPolicy(ctx *pulumi.Context, name string, args bucketArgs, bucket pulumi.StringInput, child pulumi.ResourceOption, private pulumi.Resource) (pulumi.Resource, error) {
	statements := []statement{{
		sid:       "TLSOnly",
		deny:      true,
		principal: pulumi.String("*"),
		actions:   []string{"s3:*"},
		resources: pulumi.StringArray{args.site.bucketArn(bucket, ""), args.site.bucketArn(bucket, "/*")},
		condition: when("Bool", "aws:SecureTransport", pulumi.String("false")),
	}}
	if args.allow != nil {
		statements = append(statements, args.allow(bucket)...)
	}
	// After the public access block: S3 refuses two changes of a bucket at once.
	return s3.NewBucketPolicy(ctx, name+"-policy", &s3.BucketPolicyArgs{
		Bucket: bucket,
		Policy: document(statements...),
	}, child, pulumi.DependsOn([]pulumi.Resource{private}))
}
