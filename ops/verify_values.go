package ops

import (
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"store-events/schema"
)

// columnsOf are the columns that table and Parquet share, without the key: the
// contract's fields, those that the configuration adds, and extra. A column of
// the configuration is missing in the table until a run has made it.
func (o *Ops) columnsOf(ctx context.Context, contract schema.Contract) ([]schema.Field, error) {
	present := map[string]bool{}
	err := o.query(ctx, "select column_name from information_schema.columns where table_schema = "+
		literal(o.stack.DatabaseName)+" and table_name = "+literal(o.stack.TargetTable), eachRow(func(cells []Cell) error {
		present[cells[0].Text] = true
		return nil
	}))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Concat(contract.Fields, []schema.Field{schema.Extra}), func(f schema.Field) bool {
		return f.Name == contract.Key || !present[f.Name]
	}), nil
}

// tableValues selects the columns of the table with a mark before each text: the
// mysql client prints a null value and the text NULL alike.
func (o *Ops) tableValues(fields []schema.Field) string {
	columns := []string{identifier(o.contract.Key), "batch_id"}
	for _, f := range fields {
		column := identifier(f.Name)
		if f.Kind() == "string" {
			column = fmt.Sprintf("concat('%s', %s)", textMark, column)
		}
		columns = append(columns, column)
	}
	return fmt.Sprintf("select %s from %s", strings.Join(columns, ", "), identifier(o.stack.TargetTable))
}

func (o *Ops) parquetValues(fields []schema.Field) string {
	columns := []string{athenaIdentifier(o.contract.Key)}
	for _, f := range fields {
		columns = append(columns, athenaIdentifier(f.Name))
	}
	return fmt.Sprintf("select %s from %s", strings.Join(columns, ", "), athenaIdentifier(o.stack.CuratedTable))
}

const textMark = "="

// values reads rows of a key, of the table also a batch, and fields. It passes on
// the key, the batch, and the fields in a form that is the same for MySQL and
// Athena.
type values struct {
	fields []schema.Field
	table  bool
	visit  func(key string, batch int64, fields []Cell)
}

func (values) columns([]string) {}

func (v values) row(cells []Cell) error {
	key, rest := cells[0].Text, cells[1:]
	var batch int64
	if v.table {
		n, err := strconv.ParseInt(rest[0].Text, 10, 64)
		if err != nil {
			return fmt.Errorf("read a row of the table: %w", err)
		}
		batch, rest = n, rest[1:]
	}
	if len(rest) != len(v.fields) {
		return fmt.Errorf("a row has %d values, not %d", len(rest), len(v.fields))
	}
	fields := make([]Cell, len(rest))
	for i, f := range v.fields {
		text := rest[i].Text
		if v.table && f.Kind() == "string" {
			text = strings.TrimPrefix(text, textMark)
		}
		if fields[i] = (Cell{Text: canonical(f, text)}); rest[i].Null {
			fields[i] = Cell{Null: true}
		}
	}
	v.visit(key, batch, fields)
	return nil
}

// hashOf is a hash of values that distinguishes null from any string, and each value from
// the next one.
func hashOf(seed maphash.Seed, fields []Cell) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, c := range fields {
		length := uint64(len(c.Text)) + 1
		if c.Null {
			length = 0
		}
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, length)) // A hash takes everything.
		_, _ = h.WriteString(c.Text)
	}
	return h.Sum64()
}

// canonical is the one form of a value of a field. Strings are compared byte for
// byte; numbers and times are written in several ways.
func canonical(f schema.Field, text string) string {
	switch f.Kind() {
	case "boolean":
		if truth, err := strconv.ParseBool(text); err == nil {
			return strconv.FormatBool(truth)
		}
	case "decimal":
		if n, ok := new(big.Rat).SetString(text); ok {
			return n.RatString()
		}
	case "timestamp":
		whole, fraction, _ := strings.Cut(strings.Replace(text, "T", " ", 1), ".")
		return whole + "." + strings.TrimRight(fraction, "0")
	}
	return text
}
