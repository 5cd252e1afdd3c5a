package preflight

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// isKey reports whether a name refers to the KMS key with an ARN. AWS's settings refer to a
// key by its ARN, its ID or an alias, which only KMS can resolve.
func (r *run) isKey(ctx context.Context, name, arn string) (bool, error) {
	if name == arn || strings.HasSuffix(arn, ":key/"+name) {
		return true, nil
	}
	if arn == "" || !strings.Contains(name, "alias/") {
		return false, nil
	}
	out, err := r.kms.DescribeKey(ctx, &kms.DescribeKeyInput{KeyId: &name})
	if missing(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("describe key %s: %w", name, err)
	}
	return aws.ToString(out.KeyMetadata.Arn) == arn, nil
}
