package preflight

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"store-events/schema"
)

const bucketCheck = "existing-bucket"

// Bucket is the existing bucket of a plan.
type Bucket struct {
	Name string
	// KeyArn is the key of its encryption; empty for S3 managed keys.
	KeyArn string
	// Events reports whether new objects start the workflow.
	Events bool
	// New reports whether the stack is not deployed yet, so that nothing in the bucket belongs to it.
	New bool
}

// existingBucket checks the settings of an existing bucket.
func existingBucket(ctx context.Context, r *run) ([]Finding, error) {
	b := r.plan.Bucket
	if b == nil {
		return nil, nil
	}
	_, err := r.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.Name})
	switch status(err) {
	case http.StatusNotFound, http.StatusForbidden, http.StatusMovedPermanently:
		return []Finding{{
			ID: bucketCheck, Status: Problem, What: fmt.Sprintf("bucket %s does not exist in this account and region, or the caller may not list it: %v", b.Name, err),
			Do: "set store-events:existingBucket to a bucket that the caller may list, or remove the setting: the stack then creates one",
		}}, nil
	}
	if err != nil {
		return nil, err
	}
	var found []Finding
	var failed error
	for _, check := range []func(context.Context, *run) ([]Finding, error){
		bucketEncryption, bucketExposure, bucketVersions, bucketLifecycle, bucketMarkers, bucketNotifications, bucketContents,
	} {
		findings, err := check(ctx, r)
		found = append(found, findings...)
		if err != nil && failed == nil { // Continue with the other checks.
			failed = err
		}
	}
	if failed != nil {
		return found, failed
	}
	return or(found, bucketCheck, b.Name+" is private, encrypted and versioned, and expires temporary objects only"), nil
}

func bucketFinding(status Status, what, do string) []Finding {
	return []Finding{{ID: bucketCheck, Status: status, What: what, Do: do}}
}

// bucketEncryption compares the bucket's key with the key that the roles may use.
func bucketEncryption(ctx context.Context, r *run) ([]Finding, error) {
	b := r.plan.Bucket
	out, err := r.s3.GetBucketEncryption(ctx, &s3.GetBucketEncryptionInput{Bucket: &b.Name})
	if err != nil && !missing(err) {
		return nil, err
	}
	key, kms := "", false
	if err == nil && out.ServerSideEncryptionConfiguration != nil {
		for _, rule := range out.ServerSideEncryptionConfiguration.Rules {
			if by := rule.ApplyServerSideEncryptionByDefault; by != nil && strings.HasPrefix(string(by.SSEAlgorithm), "aws:kms") {
				key, kms = aws.ToString(by.KMSMasterKeyID), true
			}
		}
	}
	if kms && (key == "" || strings.HasSuffix(key, "alias/aws/s3")) {
		return bucketFinding(Problem, fmt.Sprintf("bucket %s is encrypted with the AWS managed key aws/s3, which the policies of roles cannot refer to", b.Name),
			"change its default encryption to a customer managed key and set store-events:existingBucketKeyArn, or to SSE-S3 (AES256)"), nil
	}
	same, err := r.isKey(ctx, key, b.KeyArn)
	switch {
	case err != nil:
		return nil, err
	case kms && !same:
		return bucketFinding(Problem, fmt.Sprintf("bucket %s is encrypted with %s, and store-events:existingBucketKeyArn is %q: job, crawler and producer could not use the key", b.Name, key, b.KeyArn),
			"set store-events:existingBucketKeyArn to the ARN of that key; its key policy must delegate to IAM"), nil
	case !kms && b.KeyArn != "":
		return bucketFinding(Warning, fmt.Sprintf("bucket %s is encrypted with SSE-S3, not with store-events:existingBucketKeyArn", b.Name),
			"change the bucket's default encryption, or remove the setting"), nil
	}
	return nil, nil
}

// bucketExposure checks that the events cannot be read from outside the account.
func bucketExposure(ctx context.Context, r *run) ([]Finding, error) {
	name := r.plan.Bucket.Name
	block, err := r.s3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name})
	if err != nil && !missing(err) {
		return nil, err
	}
	var found []Finding
	if c := block; err != nil || c.PublicAccessBlockConfiguration == nil || !whole(c.PublicAccessBlockConfiguration) {
		found = bucketFinding(Warning, fmt.Sprintf("bucket %s does not block every kind of public access", name),
			fmt.Sprintf("`aws s3api put-public-access-block --bucket %s --public-access-block-configuration BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true`", name))
	}
	policy, err := r.s3.GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: &name})
	if err != nil && !missing(err) {
		return found, err
	}
	if err != nil || !strings.Contains(aws.ToString(policy.Policy), "aws:SecureTransport") {
		found = append(found, bucketFinding(Warning, fmt.Sprintf("the policy of bucket %s does not require TLS", name),
			"add a statement that denies s3:* where aws:SecureTransport is false")...)
	}
	return found, nil
}

func whole(c *s3types.PublicAccessBlockConfiguration) bool {
	return aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.BlockPublicPolicy) && aws.ToBool(c.RestrictPublicBuckets)
}

func bucketVersions(ctx context.Context, r *run) ([]Finding, error) {
	name := r.plan.Bucket.Name
	out, err := r.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &name})
	if err != nil || out.Status == s3types.BucketVersioningStatusEnabled {
		return nil, err
	}
	return bucketFinding(Warning, fmt.Sprintf("bucket %s is not versioned: an event object that is overwritten or deleted is lost", name),
		fmt.Sprintf("`aws s3api put-bucket-versioning --bucket %s --versioning-configuration Status=Enabled`", name)), nil
}

func bucketNotifications(ctx context.Context, r *run) ([]Finding, error) {
	b := r.plan.Bucket
	if !b.Events {
		return nil, nil
	}
	out, err := r.s3.GetBucketNotificationConfiguration(ctx, &s3.GetBucketNotificationConfigurationInput{Bucket: &b.Name})
	if err != nil || out.EventBridgeConfiguration != nil {
		return nil, err
	}
	return bucketFinding(Problem, fmt.Sprintf("bucket %s does not send events to EventBridge: new objects do not start the workflow", b.Name),
		"have the bucket's owner turn on \"Send notifications to Amazon EventBridge\", or set store-events:trigger to schedule"), nil
}

// bucketContents refuses prefixes with objects of others, because the stack's tables
// would read them. Events may exist before the stack.
func bucketContents(ctx context.Context, r *run) ([]Finding, error) {
	b := r.plan.Bucket
	if !b.New {
		return nil, nil
	}
	var taken []string
	for _, prefix := range schema.Load().Prefixes.Kept() {
		out, err := r.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: &b.Name, Prefix: &prefix, MaxKeys: aws.Int32(1)})
		if err != nil {
			return nil, err
		}
		if len(out.Contents) > 0 {
			taken = append(taken, prefix)
		}
	}
	if len(taken) == 0 {
		return nil, nil
	}
	return bucketFinding(Problem, fmt.Sprintf("bucket %s has objects below %s, which this stack uses: those of another or an earlier stack", b.Name, list(taken)),
		"use another bucket, or remove the objects if nothing needs them"), nil
}
