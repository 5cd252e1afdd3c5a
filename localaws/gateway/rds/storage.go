package rds

import (
	"errors"
	"strconv"

	"github.com/beevik/etree"

	"localaws/awsmodel"
	"localaws/awsrules"
	"localaws/gateway/query"
)

// checkStorage rejects an invalid change of the instance's storage, and rounds up an increase that is too small, as RDS
// does.
func checkStorage(x *query.Exchange, present *etree.Element) (err error) {
	c := awsrules.StorageChange{}
	for parameter, n := range map[string]*int{"AllocatedStorage": &c.Size, "MaxAllocatedStorage": &c.Max, "Iops": &c.IOPS, "StorageThroughput": &c.Throughput} {
		*n, _ = strconv.Atoi(x.Get(parameter)) // Package awsrules has already rejected invalid numbers.
	}
	if c == (awsrules.StorageChange{}) && x.Get("StorageType") == "" {
		return nil
	}
	if c.Present, err = strconv.Atoi(query.Text(present, "//DBInstance/AllocatedStorage")); err != nil {
		return nil //nolint:nilerr // An Aurora instance has no storage.
	}
	c.PresentMax, _ = strconv.Atoi(query.Text(present, "//DBInstance/MaxAllocatedStorage"))
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

// addBaseline raises IOPS and throughput of a gp3 volume to the baseline, as RDS does in responses.
func addBaseline(item *etree.Element) {
	size, err := strconv.Atoi(query.Text(item, "AllocatedStorage"))
	if err != nil || query.Text(item, "StorageType") != "gp3" {
		return
	}
	iops, throughput := awsrules.Baseline(size)
	for element, minimum := range map[string]int{"Iops": iops, "StorageThroughput": throughput} {
		if shown, _ := strconv.Atoi(query.Text(item, element)); shown < minimum {
			query.Set(item, element, strconv.Itoa(minimum))
		}
	}
}
