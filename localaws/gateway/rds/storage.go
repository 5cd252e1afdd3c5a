package rds

import (
	"errors"
	"strconv"

	"github.com/beevik/etree"

	"localaws/awsmodel"
	"localaws/awsrules"
	"localaws/gateway/query"
)

// storageFits refuses a change of storage that does not fit the storage that the
// instance has, and rounds one that is too small up, as RDS does.
func storageFits(x *query.Exchange, present *etree.Element) (err error) {
	c := awsrules.StorageChange{}
	for parameter, n := range map[string]*int{"AllocatedStorage": &c.Size, "MaxAllocatedStorage": &c.Most, "Iops": &c.IOPS, "StorageThroughput": &c.Throughput} {
		*n, _ = strconv.Atoi(x.Get(parameter)) // The rules for requests refuse what is not a number.
	}
	if c == (awsrules.StorageChange{}) && x.Get("StorageType") == "" {
		return nil
	}
	if c.Present, err = strconv.Atoi(query.Text(present, "//DBInstance/AllocatedStorage")); err != nil {
		return nil //nolint:nilerr // An Aurora instance has no storage.
	}
	c.PresentMost, _ = strconv.Atoi(query.Text(present, "//DBInstance/MaxAllocatedStorage"))
	c.Engine, c.Type = query.Text(present, "//DBInstance/Engine"), query.Text(present, "//DBInstance/StorageType")
	if given := x.Get("StorageType"); given != "" {
		c.Type = given
	}
	var refusal *awsmodel.Refusal
	if errors.As(c.Check(), &refusal) {
		return &query.Error{Code: refusal.Code, Message: refusal.Message}
	}
	if c.Size != 0 {
		x.Form.Set("AllocatedStorage", strconv.Itoa(c.Grown()))
	}
	return nil
}

// showPerformance adds the baseline of a gp3 volume, which RDS shows for an instance that was given none.
func showPerformance(item *etree.Element) {
	size, err := strconv.Atoi(query.Text(item, "AllocatedStorage"))
	if err != nil || query.Text(item, "StorageType") != "gp3" {
		return
	}
	iops, throughput := awsrules.Baseline(size)
	for element, least := range map[string]int{"Iops": iops, "StorageThroughput": throughput} {
		if shown, _ := strconv.Atoi(query.Text(item, element)); shown < least {
			query.Set(item, element, strconv.Itoa(least))
		}
	}
}
