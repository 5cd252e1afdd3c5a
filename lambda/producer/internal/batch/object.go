package batch

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"store-events/lambda/producer/internal/event"
)

// Object is an object for the bucket with newline-delimited JSON.
type Object struct {
	Key   string
	Tally event.Tally
	lines []byte
	gzip  bool
}

// Size returns the number of bytes before compression.
func (o *Object) Size() int64 { return int64(len(o.lines)) }

// ContentType returns the media type of the body. There is no content encoding, because
// clients would decompress the body, and its name would not match.
func (o *Object) ContentType() string {
	if o.gzip {
		return "application/gzip"
	}
	return "application/x-ndjson"
}

// Body returns the bytes to store. It is deterministic: the gzip header has no name and
// no time.
func (o *Object) Body() ([]byte, error) {
	if !o.gzip {
		return o.lines, nil
	}
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("compress %s: %w", o.Key, err)
	}
	if _, err := w.Write(o.lines); err != nil {
		return nil, fmt.Errorf("compress %s: %w", o.Key, err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress %s: %w", o.Key, err)
	}
	return out.Bytes(), nil
}
