package components

import (
	"fmt"
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

// newEventsBucket creates the bucket of the events and of all data derived from
// them.
func newEventsBucket(s scope, args *StorageArgs, keyArn pulumi.StringInput) (*bucket, error) {
	rules := s3.BucketLifecycleConfigurationV2RuleArray{housekeeping()}
	for _, prefix := range schema.Load().Prefixes.Temporary() {
		rules = append(rules, expire(prefix, temporaryDays))
	}
	return newBucket(s, bucketArgs{
		env:  args.Environment,
		name: args.Settings.BucketName,
		encryption: &s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			BucketKeyEnabled: pulumi.Bool(true),
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm:   pulumi.String("aws:kms"),
				KmsMasterKeyId: keyArn,
			},
		},
		lifecycle: rules,
	})
}

// newLogBucket creates the bucket of the access logs, with S3 managed encryption:
// log delivery does not support customer managed keys.
func newLogBucket(s scope, args *StorageArgs) (*bucket, error) {
	return newBucket(s, bucketArgs{
		env: args.Environment,
		encryption: &s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"),
			},
		},
		lifecycle: s3.BucketLifecycleConfigurationV2RuleArray{
			housekeeping(),
			expire(accessLogs, accessLogDays),
		},
		allow: func(bucket pulumi.StringInput) []statement {
			return []statement{{
				sid:       "AccessLogsOfThisAccount",
				principal: service("logging.s3.amazonaws.com"),
				actions:   []string{"s3:PutObject"},
				resources: pulumi.StringArray{args.Environment.bucketArn(bucket, "/"+accessLogs+"*")},
				condition: when("StringEquals", "aws:SourceAccount", pulumi.String(args.Environment.Account)),
			}}
		},
	})
}

// housekeeping removes noncurrent versions after some days, and then delete markers without
// other versions. These markers slow listings down, and the job deletes about one file of
// the feed a minute.
func housekeeping() s3.BucketLifecycleConfigurationV2RuleInput {
	return &s3.BucketLifecycleConfigurationV2RuleArgs{
		Id:     pulumi.String("housekeeping"),
		Status: pulumi.String("Enabled"),
		Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
		NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{
			NoncurrentDays: pulumi.Int(noncurrentDays),
		},
		Expiration: s3.BucketLifecycleConfigurationV2RuleExpirationArgs{ExpiredObjectDeleteMarker: pulumi.Bool(true)},
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

// authoritiesFile is the name of the object with the database's certificate
// authorities; the local file may have another name.
const authoritiesFile = "database-ca.pem"

// upload puts the job's files into the bucket.
func (st *Storage) upload(s scope, args *StorageArgs, ready pulumi.ResourceOption) error {
	put := func(file, base string) (pulumi.StringOutput, error) {
		object, err := s3.NewBucketObjectv2(s.ctx, s.label(base), &s3.BucketObjectv2Args{
			Bucket: st.Bucket,
			Key:    pulumi.String(path.Join(schema.Load().Prefixes.Scripts, base)),
			Source: pulumi.NewFileAsset(file),
		}, s.parent, ready)
		if err != nil {
			return pulumi.StringOutput{}, fmt.Errorf("upload %s: %w", file, err)
		}
		return pulumi.Sprintf("s3://%s/%s", object.Bucket, object.Key), nil
	}
	var err error
	if st.ScriptURL, err = put(args.Script, filepath.Base(args.Script)); err != nil {
		return err
	}
	if st.AuthoritiesURL, err = put(args.Authorities, authoritiesFile); err != nil {
		return err
	}
	st.AuthoritiesArn = args.Environment.bucketArn(st.Bucket, "/"+path.Join(schema.Load().Prefixes.Scripts, authoritiesFile))
	for _, file := range args.Python {
		url, err := put(file, filepath.Base(file))
		if err != nil {
			return err
		}
		st.PythonURLs = append(st.PythonURLs, url)
	}
	return nil
}
