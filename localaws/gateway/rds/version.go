package rds

import (
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"localaws/gateway/query"
)

// checkVersion rejects an engine version below the instance's. The message is quoted in
// https://github.com/ministryofjustice/cloud-platform-environments/pull/21001
func checkVersion(x *query.Exchange, present *etree.Element) error {
	version := x.Get("EngineVersion")
	engine, from := query.Text(present, "//DBInstance/Engine"), query.Text(present, "//DBInstance/EngineVersion")
	if version == "" || !before(version, from) {
		return nil
	}
	return &query.Error{Code: "InvalidParameterCombination", Message: "Cannot upgrade " + engine + " from " + from + " to " + version}
}

// before reports whether a version is below another, by the components that both have.
func before(version, other string) bool {
	a, b := strings.Split(version, "."), strings.Split(other, ".")
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
