package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var extraColumn = regexp.MustCompile(`^([a-z_][a-z0-9_]{0,63})=(string\([1-9][0-9]{0,3}\)|int|bigint|decimal\([0-9]{1,2},[0-9]{1,2}\)|boolean|timestamp)$`)

// columnSeparator does not match commas in parentheses.
var columnSeparator = regexp.MustCompile(`,([a-z_ ])`)

// WithColumns returns the contract with additional fields, given as
// name=type,name=type with the types of Field. The job parses the same text from its
// argument JobOptions.ExtraColumns. WithColumns returns an error if the syntax is
// invalid, if the contract is invalid, or if the table or the catalog cannot store the
// fields.
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
			return c, fmt.Errorf("%s is already a column", m[1])
		}
		c.Fields = append(c.Fields, Field{Name: m[1], Type: m[2], Description: "By configuration"})
	}
	return c, c.validate()
}

// KeyHash returns the name of the column with the key's hash.
func (c Contract) KeyHash() string { return c.Key + "_hash" }

// hasColumn reports whether a column exists. Like MySQL and the catalog, it ignores
// case.
func (c Contract) hasColumn(name string) bool {
	return c.isReservedColumn(name) || slices.ContainsFunc(c.Fields, func(f Field) bool { return strings.EqualFold(name, f.Name) })
}

// isReservedColumn reports whether the job uses the column for itself.
func (c Contract) isReservedColumn(name string) bool {
	reserved := []string{"extra", "batch_id", "batch_position", c.KeyHash(), c.PartitionKey}
	return slices.ContainsFunc(reserved, func(other string) bool { return strings.EqualFold(name, other) })
}
