package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"store-events/ops/internal/ledger"
	"store-events/ops/internal/quarantine"
	"store-events/ops/internal/verify"
	"store-events/schema"
)

// QuarantineEntry is an invalid line as the job stores it.
type QuarantineEntry = quarantine.Entry

// QuarantineEntries returns the invalid lines of an event object: of all its loaded
// versions if object is its key or s3://bucket/key, or of one version if object is the
// key of an object in quarantine. line selects one line, 0 all.
func (o *Ops) QuarantineEntries(ctx context.Context, object string, line int) ([]QuarantineEntry, error) {
	complete, err := o.ledger.CompleteVersions(ctx)
	if err != nil {
		return nil, err
	}
	key, prefix := o.bucket.Key(object), o.contract.Prefixes.Quarantine
	folder := quarantine.Folder(prefix, key) + "/"
	inQuarantine := strings.HasPrefix(key, prefix+"/")
	if inQuarantine {
		folder = quarantine.VersionFolder(key)
	}
	found, foreign := []QuarantineEntry{}, []string{}
	var mu sync.Mutex
	_, err = o.quarantine.Each(ctx, folder, func(ctx context.Context, v quarantine.Version) error {
		wanted := v.Object == key
		if inQuarantine {
			wanted = v.Folder == folder
		}
		if !wanted || !complete[ledger.ObjectVersion{Object: v.Object, Version: v.Version}] {
			return nil
		}
		skipped, err := o.quarantine.Entries(ctx, v, func(e quarantine.Entry) error {
			mu.Lock()
			defer mu.Unlock()
			if line == 0 || e.Has(line) {
				found = append(found, e)
			}
			return nil
		})
		mu.Lock()
		defer mu.Unlock()
		for _, s := range skipped {
			foreign = append(foreign, s.Key)
		}
		return err
	})
	if err != nil {
		return found, err
	}
	if len(found) == 0 {
		return found, o.noEntry(object, foreign)
	}
	quarantine.Sort(found)
	return found, o.explainEntries(ctx, found)
}

func (o *Ops) noEntry(object string, foreign []string) error {
	text := object + " has no such line in quarantine: " + o.command("quarantine ls") + " lists the objects with quarantined lines"
	if len(foreign) > 0 {
		text += fmt.Sprintf("; %s was not written by the job: %s moves it to foreign/", strings.Join(foreign, ", "), o.command("quarantine clean"))
	}
	return fmt.Errorf("%s", text)
}

// explainEntries sets Explanation and InTable of the entries.
func (o *Ops) explainEntries(ctx context.Context, entries []QuarantineEntry) error {
	indexes := map[string][]int{} // Indexes of entries by key.
	for i, e := range entries {
		members := e.Members()
		if members == nil {
			continue
		}
		entries[i].Explanation = o.explanation(e.Reason, members)
		if key := e.EventKey(o.contract.Key); key != "" {
			indexes[key] = append(indexes[key], i)
		}
	}
	present, err := o.presentKeys(ctx, indexes)
	for _, key := range present {
		for _, i := range indexes[key] {
			entries[i].InTable = true
		}
	}
	return err
}

// explanation describes the value of an invalid field and its required type. The type
// of extraColumns is not known here.
func (o *Ops) explanation(reason string, members map[string]json.RawMessage) string {
	name, found := strings.CutPrefix(reason, schema.ReasonBadField)
	value, present := members[name]
	if !found || !present {
		return ""
	}
	text := fmt.Sprintf("%s: %s", name, verify.Beginning(value))
	for _, f := range o.contract.Fields {
		if f.Name == name {
			return text + " is not " + f.Type
		}
	}
	return text
}
