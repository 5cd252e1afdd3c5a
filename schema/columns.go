package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var extraColumn = regexp.MustCompile(`^([a-z_][a-z0-9_]{0,63})=(string\([1-9][0-9]{0,3}\)|int|bigint|decimal\([0-9]{1,2},[0-9]{1,2}\)|boolean|timestamp)$`)

// between parentheses a comma separates nothing.
var columnSeparator = regexp.MustCompile(`,([a-z_ ])`)

// WithColumns is the contract with further fields, given as name=type,name=type
// with the types of Field. The job reads the same text from its argument
// JobOptions.ExtraColumns. The error names a field that the table or the catalog
// cannot hold, or the size of a row that MySQL refuses.
func (c Contract) WithColumns(text string) (Contract, error) {
	c.Fields = slices.Clone(c.Fields)
	for _, part := range strings.Split(columnSeparator.ReplaceAllString(text, "\n$1"), "\n") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		m := extraColumn.FindStringSubmatch(part)
		if m == nil {
			return c, fmt.Errorf("%q is not of the form name=type, such as channel=string(32) or tax=decimal(12,2)", part)
		}
		if c.hasColumn(m[1]) {
			return c, fmt.Errorf("%s is a column already", m[1])
		}
		c.Fields = append(c.Fields, Field{Name: m[1], Type: m[2], Description: "By configuration"})
	}
	return c, c.validateFields()
}

// KeyHash is the column of the events table with a hash of the key.
func (c Contract) KeyHash() string { return c.Key + "_hash" }

// hasColumn ignores case, as MySQL and the catalog do.
func (c Contract) hasColumn(name string) bool {
	return c.isReservedColumn(name) || slices.ContainsFunc(c.Fields, func(f Field) bool { return strings.EqualFold(name, f.Name) })
}

// isReservedColumn reports whether a column is the job's, besides those of the fields.
func (c Contract) isReservedColumn(name string) bool {
	own := []string{"extra", "batch_id", "batch_position", c.KeyHash(), c.PartitionKey}
	return slices.ContainsFunc(own, func(other string) bool { return strings.EqualFold(name, other) })
}
