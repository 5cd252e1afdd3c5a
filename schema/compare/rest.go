package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"store-events/schema"
)

// rest compares all members except fields and streams.
func rest(from, to schema.Contract) []Change {
	changes := days(from.Days, to.Days)
	for _, s := range []struct {
		name     string
		old, new any
		part     Part
		text     string
	}{
		{"key", from.Key, to.Key, Table, "the table's unique key would change: the job rejects the table"},
		{"partitionKey", from.PartitionKey, to.PartitionKey, Catalog, "the folders of all days have new names: objects and Parquet in the old folders are not found"},
		{"prefixes", from.Prefixes, to.Prefixes, Parquet, "objects below the old prefix are no longer found: move them, or keep the prefix"},
		{"ledger", from.Ledger, to.Ledger, Table, "the old ledger is no longer used: the job reads all objects again, and finds the rows in the table"},
		{"manifest", from.Manifest, to.Manifest, Catalog, "queries over the manifests may fail"},
		{"metrics", from.Metrics, to.Metrics, Consumers, "other alarms on the old metric receive no data"},
		{"jobArguments", from.JobArguments, to.JobArguments, Consumers, "callers that start the job with arguments must use the new names"},
		{"jobOptions", from.JobOptions, to.JobOptions, Consumers, "callers that start the job with arguments must use the new names"},
	} {
		for _, what := range differences(s.name, s.old, s.new) {
			c := change("%s", what)
			c.affects(s.part, true, "%s", s.text)
			changes = append(changes, c)
		}
	}
	return changes
}

func days(from, to schema.DayRange) []Change {
	var changes []Change
	if from.First != to.First {
		c := change("days.first changes from %s to %s", from.First, to.First)
		c.affects(Parquet, to.First > from.First, "Athena shows days from %s on", to.First)
		changes = append(changes, c)
	}
	if from.Ahead != to.Ahead {
		c := change("days.ahead changes from %d to %d", from.Ahead, to.Ahead)
		c.affects(Parquet, to.Ahead < from.Ahead, "Athena shows events up to %d days ahead", to.Ahead)
		changes = append(changes, c)
	}
	return changes
}

// differences returns the members that differ between two values. It ignores added
// members, which are not breaking.
func differences(name string, from, to any) []string {
	old, changed := members(from), members(to)
	var all []string
	for _, member := range slices.Sorted(maps.Keys(old)) {
		if old[member] != changed[member] {
			all = append(all, fmt.Sprintf("%s%s changes from %s to %s", name, member, old[member], orNothing(changed[member])))
		}
	}
	return all
}

func orNothing(text string) string {
	if text == "" {
		return "nothing"
	}
	return text
}

// members returns a value's members as JSON by path, or the value itself if it has
// none.
func members(value any) map[string]string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // All values of a contract are JSON.
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(raw, &object) != nil {
		return map[string]string{"": string(raw)}
	}
	all := map[string]string{}
	for member, text := range object {
		all["."+member] = string(text)
	}
	return all
}
