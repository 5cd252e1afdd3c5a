package components

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Storage is the events bucket, the key that encrypts the stack's data, and the
// job's files.
type Storage struct {
	pulumi.ResourceState

	// Bucket is the events bucket's name.
	Bucket pulumi.StringOutput
	KeyArn pulumi.StringOutput
	// ScriptURL and PythonURLs are s3:// addresses of the job's files.
	ScriptURL  pulumi.StringOutput
	PythonURLs pulumi.StringArray
	// AuthoritiesURL is the s3:// address of the authorities that may sign the
	// database's certificate; AuthoritiesArn is the object's ARN.
	AuthoritiesURL pulumi.StringOutput
	AuthoritiesArn pulumi.StringOutput
}

// StorageArgs are the inputs of a Storage.
type StorageArgs struct {
	Site    Site
	Common  config.Common
	Storage config.Storage
	// Script and Python are the job's files on this machine: the entry script, and
	// the zip archives that it imports from.
	Script string
	Python []string
	// Authorities is the PEM file of those that may sign the database's certificate.
	Authorities string
}

// NewStorage makes a Storage.
func NewStorage(ctx *pulumi.Context, name string, args *StorageArgs, opts ...pulumi.ResourceOption) (*Storage, error) {
	s := &Storage{}
	child, err := register(ctx, "Storage", name, pulumi.Map{
		"bucketName":  pulumi.String(args.Storage.BucketName),
		"protectData": pulumi.Bool(args.Common.ProtectData),
	}, s, opts)
	if err != nil {
		return nil, err
	}
	key, err := newKey(ctx, name, args, child)
	if err != nil {
		return nil, err
	}
	s.KeyArn = key.Arn
	logs, err := newLogBucket(ctx, name+"-logs", args, child)
	if err != nil {
		return nil, err
	}
	events, err := newEventsBucket(ctx, name+"-events", args, s.KeyArn, child)
	if err != nil {
		return nil, err
	}
	s.Bucket = events.Bucket
	// S3 refuses a target that its log delivery may not write to.
	_, err = s3.NewBucketLoggingV2(ctx, name+"-events-logging", &s3.BucketLoggingV2Args{
		Bucket:       events.Bucket,
		TargetBucket: logs.Bucket,
		TargetPrefix: pulumi.String(accessLogs),
	}, child, logs.ready)
	if err != nil {
		return nil, err
	}
	if err := s.upload(ctx, name, args, events.ready, child); err != nil {
		return nil, err
	}
	return s, ctx.RegisterResourceOutputs(s, pulumi.Map{
		"bucket":    s.Bucket,
		"keyArn":    s.KeyArn,
		"scriptUrl": s.ScriptURL,
	})
}
