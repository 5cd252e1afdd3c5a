package rds

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"localaws/awsmodel"
	"localaws/awsrules"
	"localaws/gateway/query"
)

// storageFits refuses a limit of storage that does not fit the storage that the
// instance has, where a request changes the limit alone.
func storageFits(ctx context.Context, x *query.Exchange) error {
	most, err := strconv.Atoi(x.Get("MaxAllocatedStorage"))
	if err != nil || x.Get("AllocatedStorage") != "" {
		return nil //nolint:nilerr // The rules for requests decide.
	}
	a, err := x.Ask(ctx, "DescribeDBInstances", url.Values{"DBInstanceIdentifier": {x.Get("DBInstanceIdentifier")}})
	if err != nil {
		return err
	}
	size, err := strconv.Atoi(query.Text(a.Root(), "//DBInstance/AllocatedStorage"))
	if err != nil {
		return nil //nolint:nilerr // An Aurora instance has no storage.
	}
	var refusal *awsmodel.Refusal
	if errors.As(awsrules.LargestStorage(size, most), &refusal) {
		return &query.Error{Code: refusal.Code, Message: refusal.Message}
	}
	return nil
}
