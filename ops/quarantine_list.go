package ops

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// QuarantineFilter chooses among the quarantine's objects; empty fields choose
// all.
type QuarantineFilter struct {
	Stream string
	Days
	Reason string // All reasons of bad fields begin with "bad_field:".
}

// QuarantinedObject is a version of an event object with bad lines.
type QuarantinedObject struct {
	Object  string         `json:"object"` // Key in the events bucket.
	Version string         `json:"version"`
	Lines   int            `json:"lines"`
	Reasons map[string]int `json:"reasons"`
	// Current reports whether S3 still has this version, so that it can be read
	// again.
	Current bool `json:"current"`
}

// Quarantine lists the object versions that were loaded and have bad lines, by
// name. What a run left there that ended before it had loaded the object is
// none of them.
func (o *Ops) Quarantine(ctx context.Context, f QuarantineFilter) ([]QuarantinedObject, error) {
	if err := o.checkFilter(f); err != nil {
		return nil, err
	}
	loaded, err := o.loadedVersions(ctx)
	if err != nil {
		return nil, err
	}
	found := []QuarantinedObject{}
	var mu sync.Mutex
	prefix := o.contract.Prefixes.Quarantine + "/"
	if f.Stream != "" {
		prefix += f.Stream + "/"
	}
	err = o.eachQuarantined(ctx, prefix, func(ctx context.Context, q quarantined) error {
		if !loaded[q.objectVersion] || !f.has(q.object) {
			return nil
		}
		one, err := o.quarantinedObject(ctx, q, f.Reason)
		mu.Lock()
		defer mu.Unlock()
		if one.Lines > 0 {
			found = append(found, one)
		}
		return err
	})
	slices.SortFunc(found, func(a, b QuarantinedObject) int {
		return cmp.Or(strings.Compare(a.Object, b.Object), strings.Compare(a.Version, b.Version))
	})
	return found, err
}

func (o *Ops) checkFilter(f QuarantineFilter) error {
	if f.Stream != "" && !slices.ContainsFunc(o.contract.Streams, o.named(f.Stream)) {
		return fmt.Errorf("--stream %q: must be %s", f.Stream, o.streamNames())
	}
	return f.Check()
}

func (o *Ops) quarantinedObject(ctx context.Context, q quarantined, reason string) (QuarantinedObject, error) {
	one := QuarantinedObject{Object: q.object, Version: q.version, Reasons: map[string]int{}}
	err := o.eachEntry(ctx, q, func(e QuarantineEntry) error {
		for name, count := range e.counts() {
			if reason == "" || name == reason || strings.HasSuffix(reason, ":") && strings.HasPrefix(name, reason) {
				one.Lines += count
				one.Reasons[name] += count
			}
		}
		return nil
	})
	if err != nil || one.Lines == 0 {
		return one, err
	}
	version, err := o.version(ctx, q.object)
	one.Current = version == q.version
	return one, err
}

// version is the ETag of an object; "" if it is no more.
func (o *Ops) version(ctx context.Context, key string) (string, error) {
	out, err := o.s3.HeadObject(ctx, &s3.HeadObjectInput{Bucket: aws.String(o.stack.Bucket), Key: aws.String(key)})
	var gone *types.NotFound
	if errors.As(err, &gone) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("look at s3://%s/%s: %w", o.stack.Bucket, key, err)
	}
	return strings.Trim(aws.ToString(out.ETag), `"`), nil
}

// QuarantineEntries are the bad lines of an event object, given as its key, as
// s3://bucket/key, or as the key of its quarantine object; of all its versions
// that were loaded, or of the one. line 0 is all lines.
func (o *Ops) QuarantineEntries(ctx context.Context, object string, line int) ([]QuarantineEntry, error) {
	loaded, err := o.loadedVersions(ctx)
	if err != nil {
		return nil, err
	}
	source, prefix := o.key(object), o.contract.Prefixes.Quarantine
	folder := quarantineFolder(prefix, source) + "/"
	own := strings.HasPrefix(source, prefix+"/")
	if own {
		folder = strings.TrimSuffix(source, ".jsonl")
		if partForm.MatchString(source) {
			folder = path.Dir(source)
		}
	}
	found := []QuarantineEntry{}
	var mu sync.Mutex
	err = o.eachQuarantined(ctx, folder, func(ctx context.Context, q quarantined) error {
		if own && q.folder != folder || !own && q.object != source || !loaded[q.objectVersion] {
			return nil
		}
		return o.eachEntry(ctx, q, func(e QuarantineEntry) error {
			mu.Lock()
			defer mu.Unlock()
			if line == 0 || e.has(line) {
				found = append(found, e)
			}
			return nil
		})
	})
	if err == nil && len(found) == 0 {
		err = fmt.Errorf("%s has no such line in quarantine: `storeevents quarantine ls` lists the objects that have", object)
	}
	slices.SortFunc(found, func(a, b QuarantineEntry) int {
		return cmp.Or(strings.Compare(a.Version, b.Version), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Part, b.Part))
	})
	if err != nil {
		return found, err
	}
	return found, o.explainEntries(ctx, found)
}
