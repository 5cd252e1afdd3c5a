package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Storage is the events bucket, new or existing, the key that encrypts the stack's data, and the
// job's files.
type Storage struct {
	pulumi.ResourceState

	// Bucket is the events bucket's name.
	Bucket pulumi.StringOutput `pulumi:"bucket"`
	KeyArn pulumi.StringOutput `pulumi:"keyArn"`
	// ScriptURL and PythonURLs are s3:// URLs of the job's files.
	ScriptURL  pulumi.StringOutput `pulumi:"scriptUrl"`
	PythonURLs pulumi.StringArray  `pulumi:"pythonUrls"`
	// AuthoritiesURL is the s3:// URL of the database's certificate authorities;
	// AuthoritiesArn is the object's ARN.
	AuthoritiesURL pulumi.StringOutput `pulumi:"authoritiesUrl"`
	AuthoritiesArn pulumi.StringOutput `pulumi:"authoritiesArn"`

	settings config.Storage
}

// existing reports whether the stack uses an existing bucket.
func (st *Storage) existing() bool { return st.settings.Existing() }

// keys returns the keys of the stack's objects and of all other data that its roles read and write.
func (st *Storage) keys() pulumi.StringArray {
	if st.settings.ExistingBucketKeyArn == "" {
		return pulumi.StringArray{st.KeyArn}
	}
	return pulumi.StringArray{st.KeyArn, pulumi.String(st.settings.ExistingBucketKeyArn)}
}

// StorageArgs are the inputs of a Storage.
type StorageArgs struct {
	Environment Environment
	Settings    config.Storage
	// Script and Python are the job's files on this machine: the entry script, and
	// the zip archives that it imports from.
	Script string
	Python []string
	// Authorities is the PEM file of the database's certificate authorities.
	Authorities string
}

// NewStorage creates a Storage.
func NewStorage(ctx *pulumi.Context, name string, args *StorageArgs, opts ...pulumi.ResourceOption) (*Storage, error) {
	st := &Storage{settings: args.Settings}
	inputs := pulumi.Map{
		"bucketName":  pulumi.String(args.Settings.BucketName),
		"protectData": pulumi.Bool(args.Environment.ProtectData),
	}
	if args.Settings.Existing() {
		inputs["existingBucket"] = pulumi.String(args.Settings.ExistingBucket)
	}
	s, err := open(ctx, name, st, inputs, opts)
	if err != nil {
		return nil, err
	}
	key, err := newKey(s, args.Environment)
	if err != nil {
		return nil, err
	}
	st.KeyArn = key.Arn
	ready := pulumi.Composite()
	if args.Settings.Existing() {
		st.Bucket = pulumi.String(args.Settings.ExistingBucket).ToStringOutput()
	} else if ready, err = st.newBuckets(s, args); err != nil {
		return nil, err
	}
	if err := st.upload(s, args, ready); err != nil {
		return nil, err
	}
	return st, s.close(st)
}

// newBuckets creates the events bucket and the bucket of its access logs. It returns
// the option for resources that put objects into the events bucket.
func (st *Storage) newBuckets(s scope, args *StorageArgs) (pulumi.ResourceOption, error) {
	logs, err := newLogBucket(s.within("logs"), args)
	if err != nil {
		return nil, err
	}
	events, err := newEventsBucket(s.within("events"), args, st.KeyArn)
	if err != nil {
		return nil, err
	}
	st.Bucket = events.Bucket
	// S3 refuses a target bucket that its log delivery may not write to.
	_, err = s3.NewBucketLoggingV2(s.ctx, s.label("events-logging"), &s3.BucketLoggingV2Args{
		Bucket:       events.Bucket,
		TargetBucket: logs.Bucket,
		TargetPrefix: pulumi.String(accessLogs),
	}, s.parent, logs.ready)
	if err != nil {
		return nil, fmt.Errorf("access logs: %w", err)
	}
	return events.ready, nil
}
