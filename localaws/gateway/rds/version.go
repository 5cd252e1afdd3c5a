package rds

import (
	"context"
	"net/url"
	"strconv"
	"strings"

	"localaws/gateway/query"
)

// versionFits refuses an engine version before the one that the instance has. Others quote the message:
// https://github.com/ministryofjustice/cloud-platform-environments/pull/21001
func versionFits(ctx context.Context, x *query.Exchange) error {
	version := x.Get("EngineVersion")
	if version == "" {
		return nil
	}
	a, err := x.Ask(ctx, "DescribeDBInstances", url.Values{"DBInstanceIdentifier": {x.Get("DBInstanceIdentifier")}})
	if err != nil {
		return err
	}
	engine, present := query.Text(a.Root(), "//DBInstance/Engine"), query.Text(a.Root(), "//DBInstance/EngineVersion")
	if !before(version, present) {
		return nil
	}
	return &query.Error{Code: "InvalidParameterCombination", Message: "Cannot upgrade " + engine + " from " + present + " to " + version}
}

// before compares versions by the numbers that both have.
func before(version, than string) bool {
	a, b := strings.Split(version, "."), strings.Split(than, ".")
	for i := range min(len(a), len(b)) {
		m, errA := strconv.Atoi(a[i])
		n, errB := strconv.Atoi(b[i])
		if errA != nil || errB != nil {
			return false
		}
		if m != n {
			return m < n
		}
	}
	return false
}
