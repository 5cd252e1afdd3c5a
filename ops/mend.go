package ops

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"store-events/schema"
)

// MendRequest is a file of events to load: corrected lines of the quarantine.
type MendRequest struct {
	File io.Reader // Lines as in an event object; may be gzip.
	// Stream and Day are for events that do not tell them themselves, by
	// event_type and ts.
	Stream, Day string
}

// MendResult is what became of a file of events.
type MendResult struct {
	Objects []string      `json:"objects"` // Keys in the events bucket that have the events now.
	Events  int           `json:"events"`  // Different ones.
	New     int           `json:"rows_new"`
	There   int           `json:"rows_already_there"`
	Run     *IngestResult `json:"run,omitempty"` // None where all was loaded before.
	Seconds float64       `json:"seconds"`
}

// Mend checks all lines of a file, refusing all of it if one is invalid,
// stores them as event objects and has the job load them. An object's name
// derives from what is in it, so that a repeat changes nothing.
func (o *Ops) Mend(ctx context.Context, r MendRequest) (MendResult, error) {
	start := time.Now()
	job, err := o.jobSettings(ctx)
	if err != nil {
		return MendResult{}, err
	}
	m, err := o.mended(job.contract, r)
	if err != nil {
		return MendResult{}, err
	}
	result := MendResult{Objects: slices.Sorted(maps.Keys(m.objects)), Events: len(m.keys)}
	if result.There, err = o.countKeys(ctx, m.keys); err != nil {
		return result, err
	}
	if result.Run, err = o.load(ctx, m.objects); err != nil {
		return result, err
	}
	after, err := o.countKeys(ctx, m.keys)
	if err != nil {
		return result, err
	}
	if after < result.Events {
		return result, fmt.Errorf("%d of %d events are not in the table: the job did not read all of %s; has its stream been crawled?",
			result.Events-after, result.Events, strings.Join(result.Objects, ", "))
	}
	result.New, result.Seconds = after-result.There, seconds(start)
	return result, nil
}

// mended holds the events of a file by the object that each belongs in.
type mended struct {
	keys    []string // Each once, in order.
	objects map[string][]byte
}

// mended reads a file. Its error names all lines that are wrong.
func (o *Ops) mended(contract schema.Contract, r MendRequest) (mended, error) {
	if err := o.checkFilter(QuarantineFilter{Stream: r.Stream}); err != nil {
		return mended{}, err
	}
	if err := checkDay("day", r.Day); err != nil {
		return mended{}, err
	}
	keys, folders := map[string]bool{}, map[string][]byte{}
	var wrong []error
	err := unpack(r.File, func(line sourceLine) error {
		key, folder, reason := place(contract, line, r)
		switch reason {
		case "":
			keys[key] = true
			folders[folder] = append(append(folders[folder], line.text...), '\n')
		case schema.ReasonBlank:
		default:
			wrong = append(wrong, fmt.Errorf("line %d: %s", line.number, reason))
		}
		return nil
	})
	if err != nil {
		return mended{}, fmt.Errorf("read the file: %w", err)
	}
	if len(wrong) > 0 {
		return mended{}, fmt.Errorf("nothing was loaded, because %d lines are invalid:\n%w", len(wrong), errors.Join(wrong...))
	}
	if len(keys) == 0 {
		return mended{}, errors.New("the file has no events")
	}
	m := mended{keys: slices.Sorted(maps.Keys(keys)), objects: map[string][]byte{}}
	for folder, body := range folders {
		sum := sha256.Sum256(body)
		m.objects[folder+"replay-"+hex.EncodeToString(sum[:8])+".json"] = body
	}
	return m, nil
}

// place is a line's key and the folder that its object belongs in, or the
// reason why it has none.
func place(contract schema.Contract, line sourceLine, r MendRequest) (key, folder, reason string) {
	if line.reason != "" {
		return "", "", line.reason
	}
	if key, reason = contract.Check(line.text); reason != "" {
		return "", "", reason
	}
	var event map[string]json.RawMessage
	if err := json.Unmarshal([]byte(strings.TrimPrefix(string(line.text), "\ufeff")), &event); err != nil {
		return "", "", schema.ReasonNotObject
	}
	stream, day := r.Stream, r.Day
	if s, known := contract.Stream(text(event["event_type"])); known {
		stream = s.Name
	}
	if d := schema.Day(text(event["ts"])); d != "" {
		day = d
	}
	if stream == "" || day == "" {
		return "", "", "has no stream in event_type or no day in ts: set --stream and --day"
	}
	return key, stream + "/dt=" + day + "/", ""
}

// text is the value of a JSON string; "" of anything else.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
