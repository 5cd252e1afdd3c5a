package ops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"strings"
)

// QuarantineEntry is a line that is no event, as the job keeps it.
type QuarantineEntry struct {
	Reason  string `json:"reason"`
	Object  string `json:"source_object"` // s3://bucket/key
	Version string `json:"version"`       // ETag of the object that it was read from.
	// VersionID of the object, where its bucket keeps versions.
	VersionID string `json:"version_id,omitempty"`
	Number    int    `json:"line_number"`
	Line      string `json:"line"`
	// Base64 is the line where its bytes are no text.
	Base64 []byte `json:"line_base64,omitempty"`
	// Bytes is the size of a line of which only the beginning is kept.
	Bytes int    `json:"bytes,omitempty"`
	RunID string `json:"run_id"`
}

// Raw is the line's own bytes.
func (e QuarantineEntry) Raw() []byte {
	if e.Base64 != nil {
		return e.Base64
	}
	return []byte(e.Line)
}

// quarantined is where the bad lines of a version of an object are.
type quarantined struct {
	key string // Of the quarantine's own object.
	objectVersion
}

// eachQuarantined calls visit with the objects of the quarantine,
// quarantine/<source key>/<version>.jsonl, whose source key begins with
// prefix; a few at once.
func (o *Ops) eachQuarantined(ctx context.Context, prefix string, visit func(context.Context, quarantined) error) error {
	root := o.contract.Prefixes.Quarantine + "/"
	return o.eachObject(ctx, root+prefix, func(ctx context.Context, key string) error {
		object, file := path.Split(strings.TrimPrefix(key, root))
		return visit(ctx, quarantined{key, objectVersion{strings.TrimSuffix(object, "/"), strings.TrimSuffix(file, ".jsonl")}})
	})
}

// eachEntry calls visit with the entries of an object of the quarantine.
func (o *Ops) eachEntry(ctx context.Context, q quarantined, visit func(QuarantineEntry) error) error {
	return o.eachLine(ctx, q.key, func(text []byte) error {
		e, err := parseEntry(text)
		if err != nil {
			return err
		}
		return visit(e)
	})
}

func parseEntry(text []byte) (QuarantineEntry, error) {
	var e QuarantineEntry
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("an entry is no JSON: %w", err)
	}
	if e.Number == 0 || e.Reason == "" {
		return e, errors.New("an entry has no line number or no reason")
	}
	return e, nil
}
