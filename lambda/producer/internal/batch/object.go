package batch

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"store-events/lambda/producer/internal/event"
)

// Object is newline-delimited JSON for one object of the bucket.
type Object struct {
	Key   string
	Tally event.Tally
	lines []byte
	gzip  bool
}

// Size is the number of bytes before compression.
func (o *Object) Size() int64 { return int64(len(o.lines)) }

// ContentType is the media type of the body. There is no content encoding: a
// client would undo it, and the name would no longer match the contents.
func (o *Object) ContentType() string {
	if o.gzip {
		return "application/gzip"
	}
	return "application/x-ndjson"
}

// Body is what is stored. The same events give the same bytes: the header of
// the gzip stream carries neither name nor time.
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
