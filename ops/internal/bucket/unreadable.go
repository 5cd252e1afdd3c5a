package bucket

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

// Reasons why an object cannot be read now. The job uses the same words.
const (
	Archived  = "archived"
	Forbidden = "forbidden"
	Gone      = "gone"
)

// Unreadable returns why reading an object failed: it is archived, it was deleted
// after it was listed, or a policy of the bucket or the KMS key, or the key's state,
// denies access. It returns "" for any other error.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
func (b Bucket) Unreadable(ctx context.Context, key string, err error) string {
	var archived *types.InvalidObjectState
	var notFound *types.NoSuchKey
	var refused smithy.APIError
	switch {
	case errors.As(err, &archived):
		return Archived
	case errors.As(err, &notFound):
		return Gone
	case errors.As(err, &refused) && forbids(refused.ErrorCode()):
		return Forbidden
	}
	// The body of an error contains the object's key, and control characters in it
	// make the XML invalid. Then only the HTTP status is available.
	var answer *http.ResponseError
	if errors.As(err, &answer) && answer.HTTPStatusCode() == 403 {
		if b.archived(ctx, key) {
			return Archived
		}
		return Forbidden
	}
	return ""
}

// forbids reports whether an error code denies access to an object or its KMS key.
// That includes KMS.DisabledException and InvalidRequest, the error for objects that
// are encrypted with a key of the client.
func forbids(code string) bool {
	return code == "AccessDenied" || code == "InvalidRequest" ||
		strings.HasPrefix(code, "KMS.") && code != "KMS.ThrottlingException"
}

// archived reports whether an object must be restored before it can be read.
func (b Bucket) archived(ctx context.Context, key string) bool {
	head, err := b.S3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: &b.Name, Key: &key})
	if err != nil {
		return false
	}
	return head.StorageClass == types.StorageClassGlacier || head.StorageClass == types.StorageClassDeepArchive || head.ArchiveStatus != ""
}

// Hidden reports whether Spark and Athena skip an object: a part of its key begins
// with an underscore or a dot, or it is an empty folder marker.
func Hidden(key string) bool {
	if strings.HasSuffix(key, "/") {
		return true
	}
	for _, name := range strings.Split(key, "/") {
		if strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
			return true
		}
	}
	return false
}
