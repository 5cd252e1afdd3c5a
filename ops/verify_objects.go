package ops

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"store-events/schema"
)

// scan is what one event object holds.
type scan struct {
	object, version string
	keys            []scannedKey
	bad             []sourceLine
	// whole is the key of an event that damage to the object ends, "" if there is
	// none: the job may have read the end of its line.
	whole string
}

type scannedKey struct {
	key  string
	line int
}

// readEvents reads the objects of all streams.
func (o *Ops) readEvents(ctx context.Context, c *census) error {
	for _, s := range o.contract.Streams {
		err := o.eachObject(ctx, s.Name+"/", func(ctx context.Context, key string) error {
			if hidden(key) {
				return nil
			}
			found, err := o.scan(ctx, c.job.contract, key)
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

func (o *Ops) scan(ctx context.Context, contract schema.Contract, key string) (scan, error) {
	body, version, err := o.open(ctx, key)
	if err != nil {
		return scan{}, err
	}
	defer func() { _ = body.Close() }()
	found := scan{object: key, version: version}
	err = unpack(body, func(line sourceLine) error {
		found.add(contract, line)
		return nil
	})
	if err != nil {
		return scan{}, fmt.Errorf("read s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	return found, nil
}

func (s *scan) add(contract schema.Contract, line sourceLine) {
	key := ""
	if line.reason == "" {
		key, line.reason = contract.Check(line.text)
	}
	switch line.reason {
	case "":
		s.keys = append(s.keys, scannedKey{key, line.number})
	case schema.ReasonBlank:
	case reasonCutShort:
		s.whole, _ = contract.Check(line.text)
		fallthrough
	default:
		line.text = bytes.Clone(line.text)
		s.bad = append(s.bad, line)
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
