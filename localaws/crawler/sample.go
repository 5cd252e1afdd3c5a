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

// errTooShort means that the part read so far contains no whole record.
var errTooShort = errors.New("no whole record in the part that was read")

// format is what objects of one table must have in common.
type format struct {
	Classification string // json, csv or parquet
	Compression    string // none, gzip or bzip2
	Delimiter      string `json:",omitempty"` // of csv
	Header         bool   `json:",omitempty"` // of csv
	Quoted         bool   `json:",omitempty"` // of csv
}

// sample is what the beginning of an object shows.
type sample struct {
	Format  format
	Columns []column
	// Records were read from Bytes of uncompressed data.
	Records, Bytes int64
	// Whole means that these are all the records of the object.
	Whole bool
}

// classify infers the schema of an object from its first bytes; whole says that there are no more. It does not
// handle Parquet, whose schema is at the end.
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

// maxPlain limits how much of a compressed object is unpacked, in bytes.
const maxPlain = 4 << 20

// decompress looks at the content, so that a wrong extension does no harm.
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
	// An object cut off in the middle still has usable data before the cut.
	return plain, compression, whole && err == nil && len(plain) < maxPlain, nil
}
