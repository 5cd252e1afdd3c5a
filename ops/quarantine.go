package ops

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"golang.org/x/sync/errgroup"
)

// QuarantineEntry is a line that is not an event, as the job keeps it.
type QuarantineEntry struct {
	Reason  string `json:"reason"`
	Object  string `json:"source_object"` // s3://bucket/key
	Version string `json:"version"`       // ETag of the object that it was read from.
	// VersionID of the object, where its bucket keeps versions.
	VersionID string `json:"version_id,omitempty"`
	Number    int    `json:"line_number"`
	Line      string `json:"line"`
	// Base64 is the line where its bytes are not text.
	Base64 []byte `json:"line_base64,omitempty"`
	// Bytes is the size of a line of which this is only a part, or the beginning.
	Bytes int `json:"bytes,omitempty"`
	// Part counts the entries of one long line, from 1.
	Part int `json:"part,omitempty"`
	// Lines is how many lines the entry stands for, Last the number of the last
	// one: equal ones, or, with the reason not_kept, lines that are only in the
	// object itself. Reasons counts these.
	Lines   int            `json:"lines,omitempty"`
	Last    int            `json:"last_line_number,omitempty"`
	Reasons map[string]int `json:"reasons,omitempty"`
	RunID   string         `json:"run_id"`

	// Explanation says what a bad field has and of which type it is to be.
	Explanation string `json:"explanation,omitempty"`
	// InTable is set if the table has an event with the line's key, as it has once
	// the corrected line is loaded.
	InTable bool `json:"in_table,omitempty"`
}

// reasonNotKept is the reason of entries that stand for lines of which nothing
// is kept, as their object has too many.
const reasonNotKept = "not_kept"

// Raw is the line's own bytes, or its part's.
func (e QuarantineEntry) Raw() []byte {
	if e.Base64 != nil {
		return e.Base64
	}
	return []byte(e.Line)
}

// counts are the lines that the entry stands for, by their reasons; none for the
// second part of a line and those after it.
func (e QuarantineEntry) counts() map[string]int {
	switch {
	case e.Part > 1:
		return nil
	case e.Reasons != nil:
		return e.Reasons
	}
	return map[string]int{e.Reason: max(e.Lines, 1)}
}

// has reports whether the entry stands for a line.
func (e QuarantineEntry) has(line int) bool { return e.Number <= line && line <= max(e.Number, e.Last) }

// quarantined is where the bad lines of a version of an object are.
type quarantined struct {
	folder string   // Without a slash at its end.
	keys   []string // Of the quarantine's own objects.
	objectVersion
}

const (
	maxKey      = 1024                        // Bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
	partName    = 12 + 1 + 80 + len(".jsonl") // Bytes: the number of a line and a run's id.
	versionName = 64                          // Bytes that an ETag can have.
)

var unsafeName = regexp.MustCompile(`[\x00-\x1f\x7f-\x{9f}\x{fffe}\x{ffff}]`)

// quarantineFolder is where the quarantine of an event object is, with a folder
// for each version; without a slash at its end. A key that is too long, or has
// characters that XML or a terminal cannot take, is shortened and told apart by
// its hash. The job's
// quarantine.py does the same.
func quarantineFolder(prefix, key string) string {
	room := maxKey - partName - len(prefix) - 3 - versionName
	if len(key) > room || unsafeName.MatchString(key) {
		sum := sha256.Sum256([]byte(key))
		digest := hex.EncodeToString(sum[:16])
		head := unsafeName.ReplaceAllString(key, "_")
		head = head[:min(len(head), room-len(digest)-1)]
		key = strings.ToValidUTF8(head, "") + "~" + digest
	}
	return prefix + "/" + key
}

var shortened = regexp.MustCompile(`~[0-9a-f]{32}$`)

// eachQuarantined calls visit for each version of an event object that has
// something below the quarantine's folder, or whose folder begins so; a few at
// once. An earlier release kept one object, VERSION.jsonl, beside the folder.
func (o *Ops) eachQuarantined(ctx context.Context, folder string, visit func(context.Context, quarantined) error) error {
	keys := map[string][]string{}
	err := o.eachPage(ctx, folder, func(objects []types.Object) {
		for _, object := range objects {
			key := aws.ToString(object.Key)
			if !strings.HasSuffix(key, ".jsonl") {
				continue // Somebody else's.
			}
			name := path.Dir(key)
			if !partForm.MatchString(key) {
				name = strings.TrimSuffix(key, ".jsonl")
			}
			keys[name] = append(keys[name], key)
		}
	})
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(readers)
	for name, parts := range keys {
		group.Go(func() error {
			q, err := o.quarantinedVersion(ctx, name, parts)
			if err != nil {
				return err
			}
			return visit(ctx, q)
		})
	}
	return group.Wait()
}

var partForm = regexp.MustCompile(`/[0-9]{12,}-[^/]+\.jsonl$`)

// quarantinedVersion reads the object's key from the folder's name, or, where
// that is shortened, from an entry.
func (o *Ops) quarantinedVersion(ctx context.Context, folder string, keys []string) (quarantined, error) {
	object, version := path.Split(strings.TrimPrefix(folder, o.contract.Prefixes.Quarantine+"/"))
	q := quarantined{folder, keys, objectVersion{strings.TrimSuffix(object, "/"), version}}
	if !shortened.MatchString(q.object) {
		return q, nil
	}
	found := errors.New("found")
	err := o.eachEntry(ctx, q, func(e QuarantineEntry) error {
		q.object = o.key(e.Object)
		return found
	})
	if errors.Is(err, found) {
		err = nil
	}
	return q, err
}

// eachEntry calls visit with the entries of a version.
func (o *Ops) eachEntry(ctx context.Context, q quarantined, visit func(QuarantineEntry) error) error {
	for _, key := range q.keys {
		err := o.eachLine(ctx, key, func(text []byte) error {
			e, err := parseEntry(text)
			if err != nil {
				return err
			}
			return visit(e)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func parseEntry(text []byte) (QuarantineEntry, error) {
	var e QuarantineEntry
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("an entry is not JSON: %w", err)
	}
	if e.Number == 0 || e.Reason == "" {
		return e, errors.New("an entry has no line number or no reason")
	}
	return e, nil
}
