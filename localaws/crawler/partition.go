package crawler

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// partitionKeys returns the keys of the folder levels below a table: the key of Hive-style folders like dt=2026-01-01,
// or a generated name like partition_0 if the folders of a level have no key, different keys, or the key of a level
// above.
func partitionKeys(d dataset) []string {
	keys := make([]string, d.depth())
	for i := range keys {
		keys[i] = levelKey(d.Parts, i)
		if slices.Contains(keys[:i], keys[i]) || len(keys[i]) > maxColumnName {
			keys[i] = fallbackKey(i)
		}
	}
	return keys
}

func fallbackKey(level int) string { return fmt.Sprintf("partition_%d", level) }

func levelKey(parts []part, level int) string {
	fallback := fallbackKey(level)
	key := ""
	for _, p := range parts {
		k, _, found := strings.Cut(p.Names[level], "=")
		if !found || k == "" || (key != "" && k != key) {
			return fallback
		}
		key = k
	}
	return sanitize(key)
}

// partitionValues returns a part's values for the keys. Hive percent-encodes special characters in folder names.
func partitionValues(keys []string, p part) []string {
	values := make([]string, len(keys))
	for i, name := range p.Names {
		values[i] = name
		if k, v, found := strings.Cut(name, "="); found && sanitize(k) == keys[i] {
			values[i] = v
			if plain, err := url.PathUnescape(v); err == nil {
				values[i] = plain
			}
		}
	}
	return values
}
