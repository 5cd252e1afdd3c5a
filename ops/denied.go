package ops

import (
	"errors"

	"github.com/aws/smithy-go"
)

// Denied reports whether AWS refused a request because the caller lacks a permission.
func Denied(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && (api.ErrorCode() == "AccessDenied" || api.ErrorCode() == "AccessDeniedException")
}
