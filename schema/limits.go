package schema

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
)

const (
	// maxDecimal is the limit of a decimal's digits in Athena, Spark and Arrow. MySQL's
	// is 65: https://docs.aws.amazon.com/athena/latest/ug/data-types.html
	maxDecimal = 38
	// maxScale is MySQL's limit of digits after the point:
	// https://dev.mysql.com/doc/refman/8.4/en/precision-math-decimal-characteristics.html
	maxScale = 30
	// maxRow is the limit of a row's bytes in MySQL:
	// https://dev.mysql.com/doc/refman/8.4/en/column-count-limit.html
	maxRow = 65_535
	// maxRecord is the limit of a row's bytes in an InnoDB page of 16 KiB, as measured
	// with MySQL 9.7.4, and maxColumns the limit of a table's columns:
	// https://dev.mysql.com/doc/refman/8.4/en/innodb-limits.html
	maxRecord  = 8_125
	maxColumns = 1_017
	// maxKey is the limit of the key's bytes in an InnoDB index with the batch.
	maxKey = 3_072 - 8

	textPointer = 12 // Maximum size of a pointer to a JSON or text column.
	utf8Bytes   = 4  // Maximum size of a character in utf8mb4.
)

// columnName matches names that MySQL (64 characters), the catalog (255, lower case)
// and Athena accept without quotes.
var columnName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,63}$`)

// validateFields returns an error if the events table or its catalog cannot store the
// fields. glue/store_events/limits.py has the same limits; testdata/limits.jsonl tests
// both.
func (c Contract) validateFields() error {
	for _, f := range c.Fields {
		if err := cmp.Or(f.validateType(), f.validateExpectation()); err != nil {
			return err
		}
		if c.isReservedColumn(f.Name) {
			return fmt.Errorf("field %s: the job already has a column with this name: choose another name", f.Name)
		}
	}
	for _, s := range c.Streams {
		if e := s.Expect; e != nil && (e.FreshHours < 0 || e.MinLinesPerDay < 0) {
			return fmt.Errorf("stream %s: freshHours and minLinesPerDay must be 0 or more", s.Name)
		}
	}
	if size := c.rowBytes(); size > maxRow {
		return fmt.Errorf("the columns need %d bytes in a row of MySQL, where a string(N) needs %dN: use at most %d", size, utf8Bytes, maxRow)
	}
	if size := c.recordBytes(); size > maxRecord {
		return fmt.Errorf("the columns need %d bytes in a page of InnoDB, where a string(N) needs 4N+1, and at most %d: use at most %d", size, inline(maxRecord), maxRecord)
	}
	const jobColumns = 5
	if count := len(c.Fields) + jobColumns; count > maxColumns {
		return fmt.Errorf("the table has %d columns, %d of them the job's: use at most %d", count, jobColumns, maxColumns)
	}
	return nil
}

func (f Field) validateType() error {
	if !columnName.MatchString(f.Name) {
		return fmt.Errorf("field %q: use at most 64 lower-case letters, digits and underscores, not beginning with a digit", f.Name)
	}
	if f.Kind() != "decimal" {
		return nil
	}
	p := f.Params()
	if len(p) != 2 {
		return fmt.Errorf("field %s: use decimal(digits,digits after the point)", f.Name)
	}
	if precision, scale := p[0], p[1]; precision < 1 || precision > maxDecimal || scale > min(precision, maxScale) {
		return fmt.Errorf("field %s: %s is not allowed: 1 to %d digits, at most %d of them after the point", f.Name, f.Type, maxDecimal, min(precision, maxScale))
	}
	return nil
}

// validateExpectation returns an error if the field's expectations are invalid.
func (f Field) validateExpectation() error {
	e := f.Expect
	if e == nil {
		return nil
	}
	number := slices.Contains([]string{"int", "bigint", "decimal"}, f.Kind())
	switch {
	case e.MaxNullShare != nil && (*e.MaxNullShare < 0 || *e.MaxNullShare > 1):
		return fmt.Errorf("field %s: maxNullShare %v is not allowed: 0 to 1", f.Name, *e.MaxNullShare)
	case (e.Min != nil || e.Max != nil) && !number:
		return fmt.Errorf("field %s: min and max are for numbers, not for %s", f.Name, f.Type)
	case e.Min != nil && e.Max != nil && *e.Min > *e.Max:
		return fmt.Errorf("field %s: min %v is more than max %v", f.Name, *e.Min, *e.Max)
	case len(e.Allowed) > 0 && f.Kind() != "string":
		return fmt.Errorf("field %s: allowed values are for strings, not for %s", f.Name, f.Type)
	}
	return nil
}

// rowBytes returns the row size by MySQL's rules: the maximum size of each column,
// and a bit for each nullable column:
// https://dev.mysql.com/doc/refman/8.4/en/storage-requirements.html
func (c Contract) rowBytes() int {
	const day, batch, position, hash = 3, 8, 4, 16
	size, nullable := textPointer+day+batch+position+hash, 2 // extra and the hash may be null.
	for _, f := range c.Fields {
		if f.Name == c.Key {
			size += varchar(f.Params()[0]) // ASCII.
			continue
		}
		size += f.bytes()
		nullable++
	}
	return size + (nullable+7)/8
}

// recordBytes returns the size of a row in an InnoDB page, in the row format DYNAMIC,
// which stores long text off-page.
func (c Contract) recordBytes() int {
	const header, transaction, undo, day, batch, position, hash = 5, 6, 7, 3, 8, 4, 16
	size, nullable := header+transaction+undo+day+batch+position+hash+inline(maxRow), 2 // extra and the hash may be null.
	for _, f := range c.Fields {
		switch {
		case f.Name == c.Key:
			size += inline(f.Params()[0])
			continue
		case f.Kind() == "string":
			size += inline(f.Params()[0] * utf8Bytes)
		default:
			size += f.bytes()
		}
		nullable++
	}
	return size + (nullable+7)/8
}

// inline returns the minimum size of a text column of at most n bytes in the page,
// with its length. Text over 40 bytes can be off-page.
func inline(n int) int { return min(n, 40) + 1 }

func (f Field) bytes() int {
	switch f.Kind() {
	case "string":
		return varchar(f.Params()[0] * utf8Bytes)
	case "decimal":
		p := f.Params()
		return digits(p[0]-p[1]) + digits(p[1])
	case "int":
		return 4
	case "bigint":
		return 8
	case "timestamp":
		return 7 // datetime(3)
	default:
		return 1
	}
}

// varchar returns the maximum size of a text column of at most n bytes, with its length.
func varchar(n int) int {
	if n > 255 {
		return n + 2
	}
	return n + 1
}

// digits returns the size of n digits on one side of a decimal's point: four bytes for
// each nine digits.
func digits(n int) int {
	rest := []int{0, 1, 1, 2, 2, 3, 3, 4, 4}
	return n/9*4 + rest[n%9]
}
