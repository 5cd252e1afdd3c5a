package compare

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"store-events/schema"
)

// rest compares what is neither a field nor a stream.
func rest(from, to schema.Contract) []Change {
	changes := days(from.Days, to.Days)
	for _, s := range []struct {
		name     string
		old, new any
		part     Part
		text     string
	}{
		{"key", from.Key, to.Key, Table, "the table's unique key would be another: the job refuses the table"},
		{"partitionKey", from.PartitionKey, to.PartitionKey, Catalog, "the folders of all days have another name: objects and Parquet of the old ones are not found"},
		{"prefixes", from.Prefixes, to.Prefixes, Parquet, "what is below the old prefix is no longer found: move it, or keep the prefix"},
		{"ledger", from.Ledger, to.Ledger, Table, "what was loaded is no longer known: the job reads everything again, and finds the rows there"},
		{"manifest", from.Manifest, to.Manifest, Catalog, "queries over the manifests may fail"},
		{"metrics", from.Metrics, to.Metrics, Consumers, "alarms of others on the old metric get no data"},
		{"jobArguments", from.JobArguments, to.JobArguments, Consumers, "who starts the job with arguments must use the new names"},
		{"jobOptions", from.JobOptions, to.JobOptions, Consumers, "who starts the job with arguments must use the new names"},
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
		c.affects(Parquet, to.First > from.First, "Athena sees days from %s on", to.First)
		changes = append(changes, c)
	}
	if from.Ahead != to.Ahead {
		c := change("days.ahead changes from %d to %d", from.Ahead, to.Ahead)
		c.affects(Parquet, to.Ahead < from.Ahead, "Athena sees events of up to %d days ahead", to.Ahead)
		changes = append(changes, c)
	}
	return changes
}

// differences lists the members of two values that differ. A member that is only new
// breaks nobody, and is left out.
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

// members are the members of a value as JSON, by their path; of one without, itself.
func members(value any) map[string]string {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(err) // Values of a contract are all JSON.
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
