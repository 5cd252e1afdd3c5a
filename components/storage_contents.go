package components

import (
	"path"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

const (
	accessLogs = "access/"

	abortDays      = 7
	noncurrentDays = 30
	temporaryDays  = 14
	accessLogDays  = 90
)

// temporaryPrefix is where the job keeps its temporary files.
func temporaryPrefix() string { return schema.Load().Prefixes.Bookmarks + "/temporary/" }

// newEventsBucket makes the bucket of the events and of everything made from them.
func newEventsBucket(ctx *pulumi.Context, name string, args *StorageArgs, keyArn pulumi.StringInput, child pulumi.ResourceOption) (*bucket, error) {
	p := schema.Load().Prefixes
	rules := s3.BucketLifecycleConfigurationV2RuleArray{housekeeping(noncurrentDays)}
	for _, prefix := range []string{p.AthenaResults + "/", temporaryPrefix(), p.CommandOutput + "/"} {
		rules = append(rules, expire(prefix, temporaryDays))
	}
	return newBucket(ctx, name, bucketArgs{
		site:   args.Site,
		common: args.Common,
		name:   args.Storage.BucketName,
		encryption: &s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			BucketKeyEnabled: pulumi.Bool(true),
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm:   pulumi.String("aws:kms"),
				KmsMasterKeyId: keyArn,
			},
		},
		lifecycle: rules,
	}, child)
}

// newLogBucket makes the bucket of the access logs. It has S3's own encryption:
// log delivery does not take a customer's key.
func newLogBucket(ctx *pulumi.Context, name string, args *StorageArgs, child pulumi.ResourceOption) (*bucket, error) {
	return newBucket(ctx, name, bucketArgs{
		site:   args.Site,
		common: args.Common,
		encryption: &s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"),
			},
		},
		lifecycle: s3.BucketLifecycleConfigurationV2RuleArray{
			housekeeping(noncurrentDays),
			expire(accessLogs, accessLogDays),
		},
		allow: func(bucket pulumi.StringInput) []statement {
			return []statement{{
				sid:       "AccessLogsOfThisAccount",
				principal: service("logging.s3.amazonaws.com"),
				actions:   []string{"s3:PutObject"},
				resources: pulumi.StringArray{args.Site.bucketArn(bucket, "/"+accessLogs+"*")},
				condition: when("StringEquals", "aws:SourceAccount", pulumi.String(args.Site.Account)),
			}}
		},
	}, child)
}

func housekeeping(days int) s3.BucketLifecycleConfigurationV2RuleInput {
	return &s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:     pulumi.String("housekeeping"),
		Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
			NoncurrentDays: pulumi.Int(days),
		},
		AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{
			DaysAfterInitiation: pulumi.Int(abortDays),
		},
	}
}

func expire(prefix string, days int) s3.BucketLifecycleConfigurationV2RuleInput {
	return &s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:         pulumi.String("expire-" + strings.ReplaceAll(strings.Trim(prefix, "/"), "/", "-")),
		Status:     pulumi.String("Enabled"),
		Filter:     s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String(prefix)},
		Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(days)},
	}
}

// authoritiesFile is the object with the database's authorities, whatever the
// file is called on this machine.
const authoritiesFile = "database-ca.pem"

// upload puts the job's files into the bucket.
func (s *Storage) upload(ctx *pulumi.Context, name string, args *StorageArgs, ready, child pulumi.ResourceOption) error {
	put := func(file, base string) (pulumi.StringOutput, error) {
		object, err := s3.NewBucketObjectv2(ctx, name+"-"+base, &s3.BucketObjectv2Args{
			Bucket: s.Bucket,
			Key:    pulumi.String(path.Join(schema.Load().Prefixes.Scripts, base)),
			Source: pulumi.NewFileAsset(file),
		}, child, ready)
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		return pulumi.Sprintf("s3://%s/%s", object.Bucket, object.Key), nil
	}
	var err error
	if s.ScriptURL, err = put(args.Script, filepath.Base(args.Script)); err != nil {
		return err
	}
	if s.AuthoritiesURL, err = put(args.Authorities, authoritiesFile); err != nil {
		return err
	}
	s.AuthoritiesArn = args.Site.bucketArn(s.Bucket, "/"+path.Join(schema.Load().Prefixes.Scripts, authoritiesFile))
	for _, file := range args.Python {
		url, err := put(file, filepath.Base(file))
		if err != nil {
			return err
		}
		s.PythonURLs = append(s.PythonURLs, url)
	}
	return nil
}
