package crawler

import (
	"fmt"
	"io"
	"strings"

	"github.com/parquet-go/parquet-go"
	parquetformat "github.com/parquet-go/parquet-go/format"
)

// inferParquet reads the schema in the footer. The compression is "none", because Parquet compresses only pages inside
// the file.
func inferParquet(r io.ReaderAt, size int64) (*sample, error) {
	f, err := parquet.OpenFile(r, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		return nil, fmt.Errorf("%w: parquet footer: %w", errUnknownFormat, err)
	}
	s := &sample{
		Format:  format{Classification: "parquet", Compression: "none"},
		Records: f.NumRows(), Bytes: size, Whole: true,
	}
	for _, field := range f.Schema().Fields() {
		s.Columns = append(s.Columns, column{Name: strings.ToLower(field.Name()), Type: parquetType(field)})
	}
	return s, nil
}

func parquetType(n parquet.Node) hiveType {
	if n.Leaf() {
		return repeated(n, parquetLeaf(n.Type()))
	}
	fields := n.Fields()
	if logical := n.Type().LogicalType(); logical != nil && len(fields) == 1 {
		inner := fields[0]
		switch logical.Value.(type) {
		case *parquetformat.ListType:
			return arrayOf(listElement(inner))
		case *parquetformat.MapType:
			if kv := inner.Fields(); len(kv) == 2 {
				return mapOf(parquetType(kv[0]), parquetType(kv[1]))
			}
		}
	}
	columns := make([]column, len(fields))
	for i, f := range fields {
		columns[i] = column{Name: f.Name(), Type: parquetType(f)}
	}
	return repeated(n, structOf(columns))
}

// listElement returns the type of a list's elements, without the group between them.
func listElement(list parquet.Node) hiveType {
	if !list.Leaf() && len(list.Fields()) == 1 {
		return parquetType(list.Fields()[0])
	}
	return parquetType(parquet.Required(list))
}

func repeated(n parquet.Node, t hiveType) hiveType {
	if n.Repeated() {
		return arrayOf(t)
	}
	return t
}

func parquetLeaf(t parquet.Type) hiveType {
	if logical := t.LogicalType(); logical != nil {
		switch v := logical.Value.(type) {
		case *parquetformat.StringType, *parquetformat.EnumType, *parquetformat.JsonType, *parquetformat.UUIDType:
			return primitive("string")
		case *parquetformat.DateType:
			return primitive("date")
		case *parquetformat.TimestampType:
			return primitive("timestamp")
		case *parquetformat.DecimalType:
			return primitive(fmt.Sprintf("decimal(%d,%d)", v.Precision, v.Scale))
		case *parquetformat.IntType:
			return parquetInt(v.BitWidth)
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return primitive("boolean")
	case parquet.Int32:
		return primitive("int")
	case parquet.Int64:
		return primitive("bigint")
	case parquet.Int96:
		return primitive("timestamp")
	case parquet.Float:
		return primitive("float")
	case parquet.Double:
		return primitive("double")
	default:
		return primitive("binary")
	}
}

func parquetInt(bits int8) hiveType {
	switch bits {
	case 8:
		return primitive("tinyint")
	case 16:
		return primitive("smallint")
	case 32:
		return primitive("int")
	default:
		return primitive("bigint")
	}
}
