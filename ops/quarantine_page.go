package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"store-events/ops/internal/bucket"
	"store-events/ops/internal/quarantine"
)

// QuarantinePage is a page of the list of object versions with quarantined lines,
// the last loaded first. InTable is not set.
type QuarantinePage struct {
	Objects []QuarantinedObject `json:"objects"`
	// Lines and Versions count the whole list.
	Lines    int `json:"lines"`
	Versions int `json:"versions"`
}

// QuarantinePage returns up to limit object versions of one stream or of all, and skips
// the first after versions. Unlike Quarantine, it lists the versions from the ledger and
// reads the quarantine only for the returned ones.
func (o *Ops) QuarantinePage(ctx context.Context, stream string, after, limit int) (QuarantinePage, error) {
	page := QuarantinePage{Objects: []QuarantinedObject{}}
	if err := o.checkFilter(QuarantineFilter{Stream: stream}); err != nil {
		return page, err
	}
	prefix := o.bucket.URL("")
	if stream != "" {
		prefix += stream + "/"
	}
	var err error
	if page.Lines, page.Versions, err = o.ledger.Quarantined(ctx, prefix); err != nil || page.Versions == 0 {
		return page, err
	}
	versions, err := o.ledger.QuarantinedVersions(ctx, prefix, after, limit)
	if err != nil {
		return page, err
	}
	page.Objects = make([]QuarantinedObject, len(versions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(bucket.AtOnce)
	for i, v := range versions {
		group.Go(func() (err error) {
			page.Objects[i], err = o.pagedObject(ctx, v.Object, v.Version)
			page.Objects[i].Lines = v.Lines // Even if its quarantine was removed.
			return err
		})
	}
	return page, group.Wait()
}

func (o *Ops) pagedObject(ctx context.Context, key, version string) (QuarantinedObject, error) {
	one := QuarantinedObject{Object: key, Version: version, Reasons: map[string]int{}}
	err := o.quarantine.Of(ctx, key, version, func(ctx context.Context, v quarantine.Version) (err error) {
		one, err = o.quarantinedObject(ctx, v, "")
		return err
	})
	return one, err
}

// QuarantineLines is a page of the quarantined lines of one version of an object.
type QuarantineLines struct {
	Object  string            `json:"object"` // Key in the events bucket.
	Version string            `json:"version"`
	Entries []QuarantineEntry `json:"entries"`
	Total   int               `json:"total"` // Entries of the version.
}

// QuarantineLines returns up to limit entries of a version of an event object, in the
// order of their lines, and skips the first after entries. Of a long line, only the
// first part is an entry.
func (o *Ops) QuarantineLines(ctx context.Context, object, version string, after, limit int) (QuarantineLines, error) {
	page := QuarantineLines{Object: o.bucket.Key(object), Version: version, Entries: []QuarantineEntry{}}
	all, err := o.versionEntries(ctx, page.Object, version)
	if err != nil {
		return page, err
	}
	page.Total = len(all)
	page.Entries = append(page.Entries, all[min(after, len(all)):min(after+limit, len(all))]...)
	return page, o.explainEntries(ctx, page.Entries)
}

// ErrNoLine means that the quarantine does not contain a line.
var ErrNoLine = errors.New("the quarantine does not have this line")

// QuarantineLine returns the entry that represents a line of a version. The error
// is ErrNoLine if there is none.
func (o *Ops) QuarantineLine(ctx context.Context, object, version string, line int) (QuarantineEntry, error) {
	all, err := o.versionEntries(ctx, o.bucket.Key(object), version)
	if err != nil {
		return QuarantineEntry{}, err
	}
	i := slices.IndexFunc(all, func(e QuarantineEntry) bool { return e.Has(line) })
	if i < 0 {
		return QuarantineEntry{}, fmt.Errorf("%w: %s, line %d", ErrNoLine, object, line)
	}
	return all[i], o.explainEntries(ctx, all[i:i+1])
}

// versionEntries returns the entries of a version in order, with only the first part of long lines.
func (o *Ops) versionEntries(ctx context.Context, key, version string) ([]QuarantineEntry, error) {
	if version == "" || strings.Contains(version, "/") {
		return nil, fmt.Errorf("%q is not a version of an object", version)
	}
	var all []QuarantineEntry
	err := o.quarantine.Of(ctx, key, version, func(ctx context.Context, v quarantine.Version) error {
		_, err := o.quarantine.Entries(ctx, v, func(e quarantine.Entry) error {
			if !e.Continues() {
				all = append(all, e)
			}
			return nil
		})
		return err
	})
	quarantine.Sort(all)
	return all, err
}
