package crawler

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// inferJSON infers the schema of newline-delimited or concatenated JSON. Each object is a record. An array is one
// record with the column "array", as in Glue's built-in classifier ("Writing JSON custom classifiers"). Invalid lines
// are skipped unless they outnumber the records.
func inferJSON(data []byte, whole bool) (*sample, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n\ufeff"), []byte("{")) &&
		!bytes.HasPrefix(bytes.TrimLeft(data, " \t\r\n\ufeff"), []byte("[")) {
		return nil, errUnknownFormat
	}
	s := &sample{Format: format{Classification: "json"}, Whole: whole}
	index := map[string]int{}
	invalid := int64(0)
	for rest := bytes.TrimPrefix(data, []byte("\ufeff")); len(rest) > 0; {
		if len(bytes.TrimSpace(rest)) == 0 {
			break
		}
		n, record, err := firstRecord(rest)
		if !whole && errors.Is(err, io.EOF) && bytes.IndexByte(bytes.TrimSpace(rest), '\n') < 0 {
			break // The last line is incomplete.
		}
		if err != nil {
			invalid++
			rest = afterNewline(rest)
			continue
		}
		s.Records++
		s.Bytes += int64(n)
		s.Columns = addRecord(s.Columns, index, record)
		rest = rest[n:]
	}
	switch {
	case s.Records == 0 && !whole:
		return nil, errTooShort
	case s.Records == 0 || invalid > s.Records:
		return nil, errUnknownFormat
	}
	return s, nil
}

// afterNewline returns the data after the first non-blank line.
func afterNewline(data []byte) []byte {
	data = bytes.TrimLeft(data, " \t\r\n")
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return data[i+1:]
	}
	return nil
}

// firstRecord reads the first JSON value of data, an object or array, and returns its length in bytes and its fields.
func firstRecord(data []byte) (n int, fields []column, err error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	t, err := readType(dec, 0)
	if err != nil {
		return 0, nil, err
	}
	switch t.Kind {
	case "struct":
		fields = t.Fields
	case "array":
		fields = []column{{Name: "array", Type: t}}
	default:
		return 0, nil, fmt.Errorf("a record must be an object or array, not %s", t.Kind)
	}
	return int(dec.InputOffset()), fields, nil
}

// addRecord unifies a record's fields with the columns, whose names are in lower case.
func addRecord(columns []column, index map[string]int, fields []column) []column {
	for _, f := range fields {
		name := strings.ToLower(f.Name)
		i, known := index[name]
		if !known {
			index[name] = len(columns)
			columns = append(columns, column{Name: name, Path: f.Name, Type: f.Type})
			continue
		}
		columns[i].Type = unify(columns[i].Type, f.Type)
	}
	return columns
}

// maxDepth limits the nesting of a record.
const maxDepth = 100

// readType reads one JSON value and returns its type.
func readType(dec *json.Decoder, depth int) (hiveType, error) {
	tok, err := dec.Token()
	if err != nil {
		return hiveType{}, err
	}
	if depth > maxDepth {
		return hiveType{}, fmt.Errorf("nested deeper than %d levels", maxDepth)
	}
	switch v := tok.(type) {
	case json.Delim:
		if v == '{' {
			return readStruct(dec, depth)
		}
		return readArray(dec, depth)
	case json.Number:
		return numberType(string(v)), nil
	case bool:
		return primitive("boolean"), nil
	case string:
		return primitive("string"), nil
	default:
		return hiveType{}, nil // null
	}
}

func readStruct(dec *json.Decoder, depth int) (hiveType, error) {
	var fields []column
	index := map[string]int{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return hiveType{}, err
		}
		t, err := readType(dec, depth+1)
		if err != nil {
			return hiveType{}, err
		}
		name := key.(string)
		if i, known := index[name]; known {
			fields[i].Type = unify(fields[i].Type, t)
			continue
		}
		index[name] = len(fields)
		fields = append(fields, column{Name: name, Type: t})
	}
	_, err := dec.Token()
	return structOf(fields), err
}

func readArray(dec *json.Decoder, depth int) (hiveType, error) {
	var elem hiveType
	for dec.More() {
		t, err := readType(dec, depth+1)
		if err != nil {
			return hiveType{}, err
		}
		elem = unify(elem, t)
	}
	_, err := dec.Token()
	return arrayOf(elem), err
}

func numberType(s string) hiveType {
	if strings.ContainsAny(s, ".eE") {
		return primitive("double")
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return primitive("double")
	case n >= math.MinInt32 && n <= math.MaxInt32:
		return primitive("int")
	default:
		return primitive("bigint")
	}
}
