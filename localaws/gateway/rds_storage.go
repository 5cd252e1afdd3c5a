package gateway

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"localaws/awsmodel"
	"localaws/awsrules"
)

// storageFits refuses a limit of storage that does not fit the storage that the
// instance has, where a request changes the limit alone.
func storageFits(ctx context.Context, x *exchange) error {
	most, err := strconv.Atoi(x.get("MaxAllocatedStorage"))
	if err != nil || x.get("AllocatedStorage") != "" {
		return nil //nolint:nilerr // The rules for requests decide.
	}
	a, err := x.ask(ctx, "DescribeDBInstances", url.Values{"DBInstanceIdentifier": {x.get("DBInstanceIdentifier")}})
	if err != nil {
		return err
	}
	size, err := strconv.Atoi(text(a.root(), "//DBInstance/AllocatedStorage"))
	if err != nil {
		return nil //nolint:nilerr // An Aurora instance has no storage.
	}
	var refusal *awsmodel.Refusal
	if errors.As(awsrules.LargestStorage(size, most), &refusal) {
		return &queryError{refusal.Code, refusal.Message}
	}
	return nil
}
