package bucket

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"
)

// glue/tests/test_unread.py expects the same of the job, which skips the object for any of
// these reasons.
func TestUnreadable(t *testing.T) {
	for code, want := range map[string]string{
		"AccessDenied":            Forbidden,
		"KMS.DisabledException":   Forbidden,
		"KMS.NotFoundException":   Forbidden,
		"InvalidRequest":          Forbidden,
		"KMS.ThrottlingException": "",
		"InvalidArgument":         "",
		"SlowDown":                "",
	} {
		err := fmt.Errorf("read: %w", &smithy.GenericAPIError{Code: code})
		require.Equal(t, want, Bucket{}.Unreadable(t.Context(), "key", err), code)
	}
	require.Equal(t, Archived, Bucket{}.Unreadable(t.Context(), "key", &types.InvalidObjectState{}))
	require.Equal(t, Gone, Bucket{}.Unreadable(t.Context(), "key", &types.NoSuchKey{}))
}
