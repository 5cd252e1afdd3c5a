package crawler

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"errors"
	"io"
)

// errUnknownFormat means that no classifier recognizes an object.
var errUnknownFormat = errors.New("no classifier recognizes the format")

// errTooShort means that the part read so far does not contain a complete record.
var errTooShort = errors.New("no complete record in the part that was read")

// format contains the properties in which objects of one table must match.
type format struct {
	Classification string // json, csv or parquet
	Compression    string // none, gzip or bzip2
	Delimiter      string `json:",omitempty"` // of csv
	Header         bool   `json:",omitempty"` // of csv
	Quoted         bool   `json:",omitempty"` // of csv
}

// sample is the format and schema inferred from the beginning of an object.
type sample struct {
	Format  format
	Columns []column
	// Records is the number of records in Bytes of uncompressed data.
	Records, Bytes int64
	// Whole is true if these are all records of the object.
	Whole bool
}

// classify infers the schema of an object from its first bytes, or all bytes if whole is true. It does not support
// Parquet, which has the schema at the end.
func classify(data []byte, whole bool) (*sample, error) {
	plain, compression, complete, err := decompress(data, whole)
	if err != nil {
		return nil, err
	}
	if bytes.IndexByte(plain, 0) >= 0 {
		return nil, errUnknownFormat
	}
	s, err := inferJSON(plain, complete)
	if errors.Is(err, errUnknownFormat) {
		s, err = inferCSV(plain, complete)
	}
	if err != nil {
		return nil, err
	}
	s.Format.Compression = compression
	return s, nil
}

// maxPlain is the maximum number of bytes that are decompressed.
const maxPlain = 4 << 20

// decompress detects the compression by the content, not by the key's extension.
func decompress(data []byte, whole bool) (plain []byte, compression string, complete bool, err error) {
	var r io.Reader
	switch {
	case bytes.HasPrefix(data, []byte{0x1f, 0x8b}):
		compression = "gzip"
		r, err = gzip.NewReader(bytes.NewReader(data))
	case bytes.HasPrefix(data, []byte("BZh")):
		compression = "bzip2"
		r = bzip2.NewReader(bufio.NewReader(bytes.NewReader(data)))
	default:
		return data, "none", whole, nil
	}
	if err != nil {
		return nil, "", false, errUnknownFormat
	}
	plain, err = io.ReadAll(io.LimitReader(r, maxPlain))
	if err != nil && len(plain) == 0 {
		if whole {
			return nil, "", false, errUnknownFormat
		}
		return nil, "", false, errTooShort
	}
	// Data before the end of a truncated object is usable.
	return plain, compression, whole && err == nil && len(plain) < maxPlain, nil
}
