package ops

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"store-events/schema"
)

// scan is what one event object holds.
type scan struct {
	object string
	keys   []scannedKey
	bad    []scannedLine
}

type scannedKey struct {
	key  string
	line int
}

type scannedLine struct {
	text []byte
	line int
}

// readEvents reads the objects of all streams.
func (o *Ops) readEvents(ctx context.Context, c *census) error {
	for _, s := range o.contract.Streams {
		err := o.eachObject(ctx, s.Name+"/", func(ctx context.Context, key string) error {
			if hidden(key) {
				return nil
			}
			found := scan{object: key}
			n := 0
			err := o.eachLine(ctx, key, func(line []byte) error {
				n++
				found.add(o.contract, line, n)
				return nil
			})
			if err != nil {
				return err
			}
			c.object(found)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) add(contract schema.Contract, line []byte, n int) {
	key, reason := contract.Check(line)
	switch reason {
	case "":
		s.keys = append(s.keys, scannedKey{key, n})
	case schema.ReasonBlank:
	default:
		s.bad = append(s.bad, scannedLine{bytes.Clone(line), n})
	}
}

// hidden tells of objects that Spark passes over: a name, or a folder's, that
// begins with an underscore or a dot, and the empty marks of folders.
func hidden(key string) bool {
	if strings.HasSuffix(key, "/") {
		return true
	}
	for _, name := range strings.Split(key, "/") {
		if strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
			return true
		}
	}
	return false
}

// readQuarantine reads the entries of quarantine/<source object>.jsonl.
func (o *Ops) readQuarantine(ctx context.Context, c *census) error {
	prefix := o.contract.Prefixes.Quarantine + "/"
	return o.eachObject(ctx, prefix, func(ctx context.Context, key string) error {
		source := strings.TrimSuffix(strings.TrimPrefix(key, prefix), ".jsonl")
		return o.eachLine(ctx, key, func(entry []byte) error {
			line, err := quarantinedLine(entry)
			if err != nil {
				return fmt.Errorf("s3://%s/%s: %w", o.stack.Bucket, key, err)
			}
			c.quarantined(source, line)
			return nil
		})
	})
}

// quarantinedLine is the line that an entry keeps, in base64 where its bytes
// are not text.
func quarantinedLine(entry []byte) ([]byte, error) {
	var e struct {
		Line  *string `json:"line"`
		Bytes []byte  `json:"line_base64"`
	}
	if err := json.Unmarshal(entry, &e); err != nil {
		return nil, fmt.Errorf("an entry is no JSON: %w", err)
	}
	if e.Bytes != nil {
		return e.Bytes, nil
	}
	if e.Line == nil {
		return nil, errors.New("an entry has no line")
	}
	return []byte(*e.Line), nil
}
