package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"store-events/schema"
)

// bucketMarkers checks that a bucket with versioning does not keep the delete markers of the
// feed's files. S3 removes a marker after it has removed all versions of the object.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html
func bucketMarkers(ctx context.Context, r *run) ([]Finding, error) {
	b, feed := r.plan.Bucket, schema.Load().Prefixes.Feed+"/"
	if !b.Events {
		return nil, nil
	}
	versioning, err := r.s3.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: &b.Name})
	if err != nil || versioning.Status == "" { // A suspended bucket gets markers too.
		return nil, err
	}
	rules, err := lifecycleRules(ctx, r)
	if err != nil {
		return nil, err
	}
	versions, markers := false, false
	for _, rule := range rules {
		if e := filtered(rule); rule.Status != s3types.ExpirationStatusEnabled || e.partial || !strings.HasPrefix(feed, e.prefix) {
			continue
		}
		versions = versions || rule.NoncurrentVersionExpiration != nil
		markers = markers || rule.Expiration != nil && aws.ToBool(rule.Expiration.ExpiredObjectDeleteMarker)
	}
	if versions && markers {
		return nil, nil
	}
	return bucketFinding(Warning, fmt.Sprintf("no lifecycle rule of bucket %s removes old versions and delete markers below %s: the job deletes about one file a minute there, and each marker slows the starter's listings", b.Name, feed),
		"add the rule `deleted-feed` of docs/existing.md"), nil
}
