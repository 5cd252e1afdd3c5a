package verify

import (
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"math/big"
	"strconv"
	"strings"

	"store-events/ops/internal/query"
	"store-events/schema"
)

// Table selects rows of the target table or of the Parquet for the comparison.
type Table struct {
	Name     string
	Contract schema.Contract
	Fields   []schema.Field // Columns to compare, without the key.
	Hashed   bool           // It has a column with the hash of the key, for lookups.
	Parquet  bool           // Read through Athena, not from MySQL.
}

// textMark is a prefix of each string that MySQL returns, because the mysql client
// prints null and the string NULL in the same way.
const textMark = "="

// Select returns the statement that selects all rows of the table.
func (t Table) Select() string {
	columns := []string{t.quote(t.Contract.Key)}
	if !t.Parquet {
		columns = append(columns, "batch_id", t.quote(t.Contract.PartitionKey))
	}
	for _, f := range t.Fields {
		column := t.quote(f.Name)
		if t.marked(f) {
			column = fmt.Sprintf("concat('%s', %s)", textMark, column)
		}
		columns = append(columns, column)
	}
	return fmt.Sprintf("select %s from %s", strings.Join(columns, ", "), t.quote(t.Name))
}

// SelectDays returns the statement that selects the rows of some days.
func (t Table) SelectDays(from, to string) string {
	return fmt.Sprintf("%s where %s between %s and %s", t.Select(), t.quote(t.Contract.PartitionKey), t.literal(from), t.literal(to))
}

// SelectBatches returns the statement that selects the rows of some days in some
// batches; the table is ordered by batch.
func (t Table) SelectBatches(from, to string, batches []int64) string {
	ids := make([]string, len(batches))
	for i, batch := range batches {
		ids[i] = strconv.FormatInt(batch, 10)
	}
	return fmt.Sprintf("%s and batch_id in (%s)", t.SelectDays(from, to), strings.Join(ids, ", "))
}

// SelectKeys returns the statement that selects the rows with these keys.
func (t Table) SelectKeys(keys []string) string {
	if !t.Parquet {
		return t.Select() + " where " + query.KeysIn(t.Contract, t.Hashed, keys)
	}
	return fmt.Sprintf("%s where %s in (%s)", t.Select(), t.quote(t.Contract.Key), t.literals(keys))
}

// SelectKeysOfDays returns the statement that selects the rows of these days, which
// need not be sorted, with these keys.
func (t Table) SelectKeysOfDays(keys, days []string) string {
	return fmt.Sprintf("%s and %s in (%s)", t.SelectKeys(keys), t.quote(t.Contract.PartitionKey), t.literals(days))
}

func (t Table) literals(texts []string) string {
	literals := make([]string, len(texts))
	for i, text := range texts {
		literals[i] = t.literal(text)
	}
	return strings.Join(literals, ", ")
}

func (t Table) literal(text string) string {
	if t.Parquet {
		return query.AthenaLiteral(text)
	}
	return query.Literal(text)
}

func (t Table) quote(name string) string {
	if t.Parquet {
		return query.AthenaIdentifier(name)
	}
	return query.Identifier(name)
}

func (t Table) marked(f schema.Field) bool { return !t.Parquet && f.Kind() == "string" }

// Row is a row of Select's result, with values in a common format for MySQL and
// Athena.
type Row struct {
	Key    string
	Batch  int64  // 0 for the Parquet.
	Day    string // "" for the Parquet.
	Values []query.Cell
}

// Visit returns a visitor for the result of Select.
func (t Table) Visit(visit func(Row)) query.Visitor {
	return query.EachRow(func(cells []query.Cell) error {
		row, rest := Row{Key: cells[0].Text}, cells[1:]
		if !t.Parquet {
			row.Key = cells[0].String() // Never null in the table: NULL is an event's key.
			var err error
			if row.Batch, err = strconv.ParseInt(rest[0].Text, 10, 64); err != nil {
				return fmt.Errorf("read a row of the table: %w", err)
			}
			row.Day, rest = rest[1].Text, rest[2:]
		}
		if len(rest) != len(t.Fields) {
			return fmt.Errorf("a row has %d values, not %d", len(rest), len(t.Fields))
		}
		for i, f := range t.Fields {
			cell := query.Cell{Null: true}
			if !rest[i].Null {
				text := rest[i].Text
				if t.marked(f) {
					text = strings.TrimPrefix(text, textMark)
				}
				cell = query.Cell{Text: canonical(f, text)}
			}
			row.Values = append(row.Values, cell)
		}
		visit(row)
		return nil
	})
}

// Hash returns a hash that distinguishes null from strings, and the values of different columns.
func (r Row) Hash(seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, c := range r.Values {
		length := uint64(len(c.Text)) + 1
		if c.Null {
			length = 0
		}
		_, _ = h.Write(binary.BigEndian.AppendUint64(nil, length)) // Writing to a hash never fails.
		_, _ = h.WriteString(c.Text)
	}
	return h.Sum64()
}

// canonical returns the canonical form of a value. Strings are compared byte by
// byte; numbers and times have several notations.
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

// Differing lists the columns that differ, with the beginning of both values.
func Differing(fields []schema.Field, row, parquet []query.Cell) string {
	var found []string
	for i, f := range fields {
		if i < len(row) && i < len(parquet) && row[i] != parquet[i] {
			found = append(found, fmt.Sprintf("%s is %s in the table and %s in the Parquet", f.Name, shown(row[i]), shown(parquet[i])))
		}
	}
	return strings.Join(found, "; ")
}

// shown returns the beginning of a value, in quotes unless it is null.
func shown(c query.Cell) string {
	if c.Null {
		return "null"
	}
	return fmt.Sprintf("%q", Beginning([]byte(c.Text)))
}
