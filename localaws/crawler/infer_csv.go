package crawler

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// csvRecords is the maximum number of records to read in a CSV object.
const csvRecords = 1000

var csvDelimiters = []rune{',', '|', '\t', ';', '\u0001'}

// csvName matches the column names that Glue accepts in a header.
var csvName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_ .\-]*$`)

// inferCSV implements Glue's built-in CSV classifier ("Built-in classifiers in Glue"): at least two columns and two
// rows, delimited by a comma, pipe, tab, semicolon or Ctrl-A. Quoted fields may contain delimiters.
func inferCSV(data []byte, whole bool) (*sample, error) {
	if !whole {
		end := bytes.LastIndexByte(data, '\n')
		if end < 0 {
			return nil, errTooShort
		}
		data = data[:end+1]
	}
	if !utf8.Valid(data) {
		return nil, errUnknownFormat
	}
	for _, delim := range csvDelimiters {
		rows, read, err := csvRows(data, delim)
		if err != nil || len(rows) < 2 || len(rows[0]) < 2 {
			continue
		}
		return csvSample(data, delim, rows, read, whole && read == int64(len(data))), nil
	}
	return nil, errUnknownFormat
}

// csvRows reads the first records, which must all have the same number of fields, and returns their size in bytes.
func csvRows(data []byte, delim rune) (rows [][]string, read int64, err error) {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = delim
	for len(rows) < csvRecords {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, int64(len(data)), nil
		}
		if err != nil {
			return nil, 0, err
		}
		rows = append(rows, row)
	}
	return rows, r.InputOffset(), nil
}

func csvSample(data []byte, delim rune, rows [][]string, read int64, whole bool) *sample {
	body := csvTypes(rows[1:])
	header := isHeader(rows[0], body)
	if !header {
		body = csvTypes(rows)
	}
	columns := make([]column, len(body))
	for i, t := range body {
		columns[i] = column{Name: fmt.Sprintf("col%d", i), Type: t}
		if header {
			columns[i].Name = strings.ToLower(strings.TrimSpace(rows[0][i]))
		}
	}
	records := int64(len(rows))
	if header {
		records--
	}
	return &sample{
		Format: format{
			Classification: "csv", Delimiter: string(delim), Header: header,
			Quoted: bytes.HasPrefix(data, []byte(`"`)),
		},
		Columns: columns, Records: records, Bytes: read, Whole: whole,
	}
}

func csvTypes(rows [][]string) []hiveType {
	types := make([]hiveType, len(rows[0]))
	for _, row := range rows {
		for i, field := range row {
			types[i] = unify(types[i], csvType(field))
		}
	}
	return types
}

func csvType(field string) hiveType {
	field = strings.TrimSpace(field)
	if field == "" {
		return hiveType{}
	}
	if _, err := strconv.ParseInt(field, 10, 64); err == nil {
		return primitive("bigint")
	}
	if _, err := strconv.ParseFloat(field, 64); err == nil {
		return primitive("double")
	}
	return primitive("string")
}

// isHeader applies the documented conditions: all fields are strings and valid names, and shorter than 150 characters
// except the last, which may be empty; and at least one data column is not a string.
func isHeader(first []string, body []hiveType) bool {
	for i, field := range first {
		last := i == len(first)-1
		if last && field == "" {
			continue
		}
		if csvType(field).Kind != "string" || !csvName.MatchString(strings.TrimSpace(field)) {
			return false
		}
		if !last && len(field) >= 150 {
			return false
		}
	}
	for _, t := range body {
		if t.Kind != "string" && t.Kind != "" {
			return true
		}
	}
	return false
}
