package crawler

import (
	"slices"
	"strings"
)

// plan returns the changes that a crawl's findings require.
func (m merger) plan(d Definition, existing []catalogTable, foundTables []foundTable, scopes []include) []change {
	taken := map[string]bool{}
	for _, t := range existing {
		taken[t.name()] = true
	}
	matched := map[string]bool{}
	seen := map[string]bool{}
	var out []change
	for _, f := range foundTables {
		url := strings.TrimSuffix(f.Include.url(f.Location), "/")
		if seen[url] {
			continue // Targets overlap.
		}
		seen[url] = true
		name := tableName(d.TablePrefix, f.Include.Bucket, f.Location)
		if old, ok := match(existing, url, name); ok {
			matched[old.name()] = true
			out = append(out, m.update(f.origin, old, f.dataset))
			continue
		}
		if taken[name] {
			name = withHash(name, url)
		}
		taken[name] = true
		out = append(out, m.create(f.origin, name, f.dataset))
	}
	if m.policy.NewFoldersOnly {
		return out
	}
	for _, t := range existing {
		if t.crawled() == d.Name && within(t, scopes) && !matched[t.name()] {
			out = append(out, m.missing(t))
		}
	}
	return out
}

// match returns the existing table at a location, if a crawler created it or it has the name that this crawler would
// use.
func match(existing []catalogTable, url, name string) (catalogTable, bool) {
	i := slices.IndexFunc(existing, func(t catalogTable) bool {
		return t.location() == url && (t.crawled() != "" || t.name() == name)
	})
	if i < 0 {
		return catalogTable{}, false
	}
	return existing[i], true
}

// within reports whether a table is in one of the include paths.
func within(t catalogTable, scopes []include) bool {
	return slices.ContainsFunc(scopes, func(in include) bool { return inside(t, in) })
}

func inside(t catalogTable, in include) bool {
	root := strings.TrimSuffix(in.url(in.Prefix), "/")
	return t.location() == root || strings.HasPrefix(t.location(), root+"/")
}
