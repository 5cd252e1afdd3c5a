package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

const badField = "bad_field:"

// explain adds to entries what their lines have in place of a field's value, and
// whether their events are in the table now, as those of corrected lines are.
func (o *Ops) explainEntries(ctx context.Context, entries []QuarantineEntry) error {
	keys := map[string][]int{}
	for i := range entries {
		e := &entries[i]
		var members map[string]json.RawMessage
		if e.Part > 1 || json.Unmarshal(e.Raw(), &members) != nil {
			continue
		}
		e.Explanation = o.explanation(e.Reason, members)
		var key string
		if json.Unmarshal(members[o.contract.Key], &key) == nil && key != "" {
			keys[key] = append(keys[key], i)
		}
	}
	names := []string{}
	for key := range keys {
		names = append(names, key)
	}
	if len(names) == 0 {
		return nil
	}
	exists, err := o.tableExists(ctx, o.stack.TargetTable)
	if err != nil || !exists {
		return err
	}
	slices.Sort(names)
	for some := range slices.Chunk(names, keysAtOnce) {
		literals := make([]string, len(some))
		for i, key := range some {
			literals[i] = literal(key)
		}
		rows, err := o.Query(ctx, fmt.Sprintf("select %s from %s where %[1]s in (%[3]s)",
			identifier(o.contract.Key), identifier(o.stack.TargetTable), strings.Join(literals, ", ")))
		if err != nil {
			return err
		}
		for _, cells := range rows.Rows {
			for _, i := range keys[cells[0].Text] {
				entries[i].InTable = true
			}
		}
	}
	return nil
}

// explanation says what a bad field has, and of which type it is to be; a field
// of the configuration has no type here.
func (o *Ops) explanation(reason string, members map[string]json.RawMessage) string {
	name, found := strings.CutPrefix(reason, badField)
	value, present := members[name]
	if !found || !present {
		return ""
	}
	text := fmt.Sprintf("%s: %s", name, beginning(value))
	for _, f := range o.contract.Fields {
		if f.Name == name {
			return text + " is not " + f.Type
		}
	}
	return text
}
