package standin

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// newBucket creates an empty bucket.
func newBucket(ctx context.Context, cfg aws.Config, name string) error {
	input := &s3.CreateBucketInput{Bucket: &name}
	if cfg.Region != "us-east-1" { // S3 refuses its default region as a constraint.
		input.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(cfg.Region)}
	}
	if strings.HasSuffix(name, "-an") { // Names in the account's own namespace end so, and no others.
		input.BucketNamespace = types.BucketNamespaceAccountRegional
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := client.CreateBucket(ctx, input); err != nil {
		return fmt.Errorf("create bucket %s in the local AWS: %w", name, err)
	}
	return nil
}
