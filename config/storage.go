package config

import (
	"regexp"
	"strings"
)

// Storage settings.
type Storage struct {
	// BucketName is the events bucket's name; if empty, Pulumi generates one.
	BucketName string `config:"bucketName"`
	// ExistingBucket is an existing bucket to use; empty creates one.
	ExistingBucket string `config:"existingBucket"`
	// ExistingBucketKeyArn is the KMS key of the existing bucket's encryption; empty
	// if S3 manages the key.
	ExistingBucketKeyArn string `config:"existingBucketKeyArn"`
}

// Existing reports whether the stack uses a bucket that it does not create.
func (s Storage) Existing() bool { return s.ExistingBucket != "" }

var (
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html;
	// dots are not allowed, because they break TLS with virtual-host addresses.
	bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)
	// The name of an existing bucket may contain dots.
	takenBucket    = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	bucketPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	bucketSuffixes = []string{"-s3alias", "--ol-s3", "--x-s3", "--table-s3", "-an"}
)

func (s Storage) validate(k *check) {
	if s.Existing() {
		matches(k, "existingBucket", s.ExistingBucket, takenBucket, "the name of a bucket, or no value")
		k.exclude("no value together with existingBucket: the stack creates no bucket", "bucketName")
		if s.ExistingBucketKeyArn != "" {
			matches(k, "existingBucketKeyArn", s.ExistingBucketKeyArn, keyArn, "the ARN of a KMS key, or no value")
		}
		return
	}
	k.exclude("no value, or set existingBucket to the bucket that it encrypts", "existingBucketKeyArn")
	if s.BucketName == "" {
		return
	}
	const allowed = "3 to 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit, without a prefix or suffix that S3 reserves"
	matches(k, "bucketName", s.BucketName, bucketName, allowed)
	for _, p := range bucketPrefixes {
		if strings.HasPrefix(s.BucketName, p) {
			k.refuse("bucketName", s.BucketName, allowed)
		}
	}
	for _, p := range bucketSuffixes {
		if strings.HasSuffix(s.BucketName, p) {
			k.refuse("bucketName", s.BucketName, allowed)
		}
	}
}
