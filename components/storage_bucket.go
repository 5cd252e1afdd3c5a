package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// bucket is a bucket with what all buckets of the stack share: encryption, versions,
// no ACLs, no public access, TLS only, lifecycle rules.
type bucket struct {
	*s3.BucketV2
	// ready is the option for resources that put objects into the bucket.
	ready pulumi.ResourceOption
}

type bucketArgs struct {
	env Environment
	// name is a fixed name, or empty.
	name       string
	encryption *s3.BucketServerSideEncryptionConfigurationV2RuleArgs
	lifecycle  s3.BucketLifecycleConfigurationV2RuleArray
	allow      func(bucket pulumi.StringInput) []statement
}

// newBucket creates a bucket with the scope's name. If the bucket stays when the stack
// is destroyed, so do the resources that protect it.
func newBucket(s scope, args bucketArgs) (*bucket, error) {
	s = s.with(pulumi.RetainOnDelete(args.env.ProtectData))
	spec := &s3.BucketV2Args{
		ForceDestroy: pulumi.Bool(!args.env.ProtectData),
		Tags:         args.env.classified(s.name),
	}
	if args.name != "" {
		spec.Bucket = pulumi.String(args.name)
	}
	b, err := s3.NewBucketV2(s.ctx, s.name, spec, s.parent, args.env.kept())
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", s.name, err)
	}
	ready, err := configureBucket(s, args, b.Bucket)
	if err != nil {
		return nil, fmt.Errorf("bucket %s: %w", s.name, err)
	}
	return &bucket{BucketV2: b, ready: ready}, nil
}

// configureBucket creates the bucket's separate configuration resources. It returns
// the option for resources that put objects into the bucket.
func configureBucket(s scope, args bucketArgs, bucket pulumi.StringInput) (pulumi.ResourceOption, error) {
	private, err := closeBucket(s, bucket)
	if err != nil {
		return nil, err
	}
	encryption, err := s3.NewBucketServerSideEncryptionConfigurationV2(s.ctx, s.label("encryption"), &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket,
		Rules:  s3.BucketServerSideEncryptionConfigurationV2RuleArray{args.encryption},
	}, s.parent)
	if err != nil {
		return nil, err
	}
	versions, err := s3.NewBucketVersioningV2(s.ctx, s.label("versions"), &s3.BucketVersioningV2Args{
		Bucket:                  bucket,
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, s.parent)
	if err != nil {
		return nil, err
	}
	_, err = s3.NewBucketLifecycleConfigurationV2(s.ctx, s.label("lifecycle"), &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket,
		Rules:  args.lifecycle,
	}, s.parent, after(versions)) // Its rules refer to noncurrent versions.
	if err != nil {
		return nil, err
	}
	policy, err := bucketPolicy(s, args, bucket, private)
	return after(encryption, versions, policy), err
}

// closeBucket turns ACLs off and blocks all public access.
func closeBucket(s scope, bucket pulumi.StringInput) (pulumi.Resource, error) {
	_, err := s3.NewBucketOwnershipControls(s.ctx, s.label("ownership"), &s3.BucketOwnershipControlsArgs{
		Bucket: bucket,
		Rule:   s3.BucketOwnershipControlsRuleArgs{ObjectOwnership: pulumi.String("BucketOwnerEnforced")},
	}, s.parent)
	if err != nil {
		return nil, err
	}
	return s3.NewBucketPublicAccessBlock(s.ctx, s.label("private"), &s3.BucketPublicAccessBlockArgs{
		Bucket:                bucket,
		BlockPublicAcls:       pulumi.Bool(true),
		BlockPublicPolicy:     pulumi.Bool(true),
		IgnorePublicAcls:      pulumi.Bool(true),
		RestrictPublicBuckets: pulumi.Bool(true),
	}, s.parent)
}

func bucketPolicy(s scope, args bucketArgs, bucket pulumi.StringInput, private pulumi.Resource) (pulumi.Resource, error) {
	statements := []statement{tlsOnly("s3:*", args.env.bucketArn(bucket, ""), args.env.bucketArn(bucket, "/*"))}
	if args.allow != nil {
		statements = append(statements, args.allow(bucket)...)
	}
	// After the public access block: S3 refuses two changes of a bucket at once.
	return s3.NewBucketPolicy(s.ctx, s.label("policy"), &s3.BucketPolicyArgs{
		Bucket: bucket,
		Policy: policyDocument(statements...),
	}, s.parent, after(private))
}
