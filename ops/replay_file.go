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

	"store-events/ops/internal/eventfile"
	"store-events/ops/internal/ledger"
	"store-events/schema"
)

// ReplayFileRequest is a file of events to load: corrected lines of the quarantine.
type ReplayFileRequest struct {
	File io.Reader // In the format of an event object; it may be compressed.
	// Stream and Day are the defaults for events without an event_type or a ts.
	Stream, Day string
}

// ReplayFileResult is the result of loading the events of a file.
type ReplayFileResult struct {
	Objects []string      `json:"objects"` // Keys of the event objects that contain the events.
	Events  int           `json:"events"`  // Distinct events.
	New     int           `json:"rows_new"`
	There   int           `json:"rows_already_there"`
	Run     *IngestResult `json:"run,omitempty"` // Missing if everything was loaded before.
	Seconds float64       `json:"seconds"`
}

// ReplayFile checks all lines of a file, and refuses the whole file if one is
// invalid. It stores the events as event objects and runs the job to load them. It
// is idempotent, because an object's name is derived from its content.
func (o *Ops) ReplayFile(ctx context.Context, r ReplayFileRequest) (ReplayFileResult, error) {
	start := time.Now()
	job, err := o.jobSettings(ctx)
	if err != nil {
		return ReplayFileResult{}, err
	}
	events, err := o.readReplayFile(job.contract, r)
	if err != nil {
		return ReplayFileResult{}, err
	}
	result := ReplayFileResult{Objects: slices.Sorted(maps.Keys(events.objects)), Events: len(events.keys)}
	if result.There, err = o.countPresent(ctx, events.keys); err != nil {
		return result, err
	}
	if result.Run, err = o.storeAndLoad(ctx, events.objects); err != nil {
		return result, err
	}
	after, err := o.countPresent(ctx, events.keys)
	if err != nil {
		return result, err
	}
	if after < result.Events {
		return result, o.notLoaded(result, result.Events-after)
	}
	result.New, result.Seconds = after-result.There, seconds(start)
	return result, nil
}

func (o *Ops) notLoaded(r ReplayFileResult, events int) error {
	missing := fmt.Sprintf("%d of %d events are not in the table", events, r.Events)
	objects := strings.Join(r.Objects, ", ")
	if r.Run == nil {
		return fmt.Errorf("%s, but the ledger records %s as complete: %s compares them", missing, objects, o.command("verify"))
	}
	return fmt.Errorf("%s: the job did not load all of %s: %s lists the outcome of each object", missing, objects, o.command("runs show "+r.Run.RunID))
}

func (o *Ops) countPresent(ctx context.Context, keys []string) (int, error) {
	present, err := o.db.PresentKeys(ctx, o.events(), keys)
	return len(present), err
}

// storeAndLoad stores objects and runs the job, unless all of them are complete in the ledger.
func (o *Ops) storeAndLoad(ctx context.Context, objects map[string][]byte) (*IngestResult, error) {
	complete, err := o.ledger.CompleteVersions(ctx)
	if err != nil {
		return nil, err
	}
	pending := false
	for key, body := range objects {
		version, err := o.bucket.PutNew(ctx, key, body)
		if err != nil {
			return nil, err
		}
		pending = pending || !complete[ledger.ObjectVersion{Object: key, Version: version}]
	}
	if !pending {
		return nil, nil
	}
	run, err := o.Ingest(ctx, IngestRequest{})
	return &run, err
}

// replayFile contains the events of a file, grouped by object.
type replayFile struct {
	keys    []string // Unique, in order.
	objects map[string][]byte
}

// readReplayFile reads and checks a file. The error lists every invalid line.
func (o *Ops) readReplayFile(contract schema.Contract, r ReplayFileRequest) (replayFile, error) {
	if err := o.checkFilter(QuarantineFilter{Stream: r.Stream}); err != nil {
		return replayFile{}, err
	}
	if err := checkDay("day", r.Day); err != nil {
		return replayFile{}, err
	}
	keys, folders := map[string]bool{}, map[string][]byte{}
	var invalid []error
	err := eventfile.Read(r.File, func(line eventfile.Value) error {
		key, folder, reason := r.assign(contract, line)
		switch reason {
		case "":
			keys[key] = true
			folders[folder] = append(append(folders[folder], line.Text...), '\n')
		case schema.ReasonBlank:
		default:
			invalid = append(invalid, fmt.Errorf("line %d: %s", line.Number, reason))
		}
		return nil
	})
	if err != nil {
		return replayFile{}, fmt.Errorf("read the file: %w", err)
	}
	if len(invalid) > 0 {
		return replayFile{}, fmt.Errorf("nothing was loaded, because %d lines are invalid:\n%w", len(invalid), errors.Join(invalid...))
	}
	if len(keys) == 0 {
		return replayFile{}, errors.New("the file has no events")
	}
	f := replayFile{keys: slices.Sorted(maps.Keys(keys)), objects: map[string][]byte{}}
	for folder, body := range folders {
		sum := sha256.Sum256(body)
		f.objects[folder+"replay-"+hex.EncodeToString(sum[:8])+".json"] = body
	}
	return f, nil
}

// assign returns a line's key and the folder of its object, or the reason why the line is refused.
func (r ReplayFileRequest) assign(contract schema.Contract, line eventfile.Value) (key, folder, reason string) {
	if line.Reason != "" {
		return "", "", line.Reason
	}
	if key, reason = contract.Check(line.Text); reason != "" {
		return "", "", reason
	}
	var event map[string]json.RawMessage
	if err := json.Unmarshal([]byte(strings.Trim(string(line.Text), schema.Around)), &event); err != nil {
		return "", "", schema.ReasonNotObject
	}
	stream, day := r.Stream, r.Day
	if s, known := contract.Stream(stringValue(event["event_type"])); known {
		stream = s.Name
	}
	if d := schema.Day(stringValue(event["ts"])); d != "" {
		day = d
	}
	if stream == "" || day == "" {
		return "", "", "has no stream in event_type or no day in ts: set --stream and --day"
	}
	return key, stream + "/" + contract.PartitionKey + "=" + day + "/", ""
}

// stringValue returns the value of a JSON string, "" for anything else.
func stringValue(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
