package ops

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"store-events/ops/internal/bucket"
)

// OnlyUnread selects all objects that a run could not read.
const OnlyUnread = "unread"

var (
	// unreadOutcomes are the outcomes of objects that a run could not read.
	unreadOutcomes = []string{bucket.Archived, bucket.Forbidden, "failed", bucket.Gone}
	// readOutcomes are the outcomes of objects that a run read or skipped.
	readOutcomes = []string{"loaded", "replaced", "not finished", "passed over"}
)

// RunManifest lists the objects that a run considered, and their outcomes.
type RunManifest struct {
	RunID     string  `json:"run_id"`
	RunNumber int     `json:"run_number"` // 0 if the run failed before it was assigned.
	Started   string  `json:"started"`    // ISO 8601, UTC.
	Seconds   float64 `json:"seconds"`
	Outcome   string  `json:"outcome"`
	Error     string  `json:"error,omitempty"`

	RowsRead        int `json:"rows_read"`
	RowsNew         int `json:"rows_new"`
	RowsDuplicate   int `json:"rows_duplicate"`
	RowsQuarantined int `json:"rows_quarantined"`
	// CompleteBefore counts the objects that were complete before the run. Objects
	// does not include them.
	CompleteBefore int            `json:"complete_before"`
	Unread         map[string]int `json:"unread,omitempty"`
	// Listing is a value of the contract: full if the run listed the streams, feed if it
	// considered only the objects in the feed. It is empty for runs of earlier releases.
	Listing string `json:"listing,omitempty"`

	Findings []RunFinding `json:"findings"`
	// Expectations are the ones that the run checked.
	Expectations []RunExpectation `json:"expectations"`
	// Outcomes counts all objects of the manifest; Objects are the selected ones.
	Outcomes map[string]int   `json:"outcomes"`
	Objects  []ManifestObject `json:"objects"`
}

// RunFinding is a problem that a run reports without failing.
type RunFinding struct {
	Finding string `json:"finding"`
	About   string `json:"about"`
	Detail  string `json:"detail"`
}

// RunExpectation is an expectation of the contract, and the run's result.
type RunExpectation struct {
	About       string `json:"about"` // A field or stream.
	Expectation string `json:"expectation"`
	Expected    string `json:"expected"`
	Observed    string `json:"observed"`
	Outcome     string `json:"outcome"` // met or failed
}

// ManifestObject is a version of an event object, and its outcome.
type ManifestObject struct {
	Object      string `json:"object"` // s3://bucket/key
	Version     string `json:"version,omitempty"`
	Size        int64  `json:"size,omitempty"`
	Outcome     string `json:"outcome"`
	Detail      string `json:"detail,omitempty"`
	Lines       int    `json:"lines"`
	Quarantined int    `json:"quarantined"`
}

// Outcomes returns the values that Manifest accepts to select objects.
func Outcomes() []string { return slices.Concat([]string{OnlyUnread}, unreadOutcomes, readOutcomes) }

// CheckOnly refuses a value that is not in Outcomes.
func CheckOnly(only string) error {
	allowed := Outcomes()
	if only != "" && !slices.Contains(allowed, only) {
		return fmt.Errorf("--only %q: must be one of %s", only, strings.Join(allowed, ", "))
	}
	return nil
}

// Manifest reads the manifest of a run, given as its number or as Glue's ID. only
// selects objects: an outcome, OnlyUnread, or "" for all.
func (o *Ops) Manifest(ctx context.Context, run, only string) (RunManifest, error) {
	if err := CheckOnly(only); err != nil {
		return RunManifest{}, err
	}
	id, err := o.runID(ctx, run)
	if err != nil {
		return RunManifest{}, err
	}
	m := RunManifest{Findings: []RunFinding{}, Expectations: []RunExpectation{}, Outcomes: map[string]int{}, Objects: []ManifestObject{}}
	folder := o.contract.ManifestPrefix(o.stack.Job) + id + "/"
	var keys []string
	if err := o.bucket.List(ctx, folder, func(objects []types.Object) {
		for _, object := range objects {
			keys = append(keys, aws.ToString(object.Key))
		}
	}); err != nil {
		return m, err
	}
	if len(keys) == 0 {
		return m, fmt.Errorf("run %s has no manifest in %s: it is still running, it was killed, or it does not exist", run, o.bucket.URL(folder))
	}
	slices.Sort(keys)
	for _, key := range keys {
		if err := o.bucket.Lines(ctx, key, func(line []byte) error { return m.add(line, only) }); err != nil {
			return m, err
		}
	}
	slices.SortStableFunc(m.Objects, func(a, b ManifestObject) int { return cmp.Compare(a.Object, b.Object) })
	return m, nil
}

// runID returns Glue's ID of a run, given as its number or as that ID.
func (o *Ops) runID(ctx context.Context, run string) (string, error) {
	number, err := strconv.Atoi(run)
	if err != nil {
		return run, nil //nolint:nilerr // It is not a number, but an ID.
	}
	found, exists, err := o.ledger.Run(ctx, number)
	if err == nil && !exists {
		err = o.noRun(run)
	}
	return found.ID, err
}

// add adds one line of the manifest.
func (m *RunManifest) add(line []byte, only string) error {
	var kind struct{ Kind string }
	if err := json.Unmarshal(line, &kind); err != nil {
		return fmt.Errorf("a line is not JSON: %w", err)
	}
	switch kind.Kind {
	case "run":
		// In the first line, "objects" and "expectations" are counts.
		type head RunManifest
		run := struct {
			*head
			Objects      json.RawMessage `json:"objects"`
			Expectations json.RawMessage `json:"expectations"`
		}{head: (*head)(m)}
		return json.Unmarshal(line, &run)
	case "finding":
		var f RunFinding
		err := json.Unmarshal(line, &f)
		m.Findings = append(m.Findings, f)
		return err
	case "expectation":
		var e RunExpectation
		err := json.Unmarshal(line, &e)
		m.Expectations = append(m.Expectations, e)
		return err
	case "object":
		var one ManifestObject
		err := json.Unmarshal(line, &one)
		m.Outcomes[one.Outcome]++
		if only == "" || only == one.Outcome || only == OnlyUnread && slices.Contains(unreadOutcomes, one.Outcome) {
			m.Objects = append(m.Objects, one)
		}
		return err
	}
	return nil // Written by a later release.
}

// manifestHead reads the first line of a run's manifest, which describes the run;
// a zero value if there is no manifest.
func (o *Ops) manifestHead(ctx context.Context, id string) (RunManifest, error) {
	var head RunManifest
	enough := errors.New("the first line is enough")
	err := o.bucket.Lines(ctx, o.contract.ManifestPrefix(o.stack.Job)+id+"/part-00000.jsonl", func(line []byte) error {
		return cmp.Or(head.add(line, ""), enough)
	})
	var missing *types.NoSuchKey
	if errors.Is(err, enough) || errors.As(err, &missing) {
		err = nil
	}
	return head, err
}
