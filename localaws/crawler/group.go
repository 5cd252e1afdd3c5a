package crawler

import (
	"slices"
	"strings"
)

// grouping contains a crawler's settings for grouping folders into tables.
type grouping struct {
	// Combine ignores the similarity of schemas (CombineCompatibleSchemas).
	Combine bool
	// Level is the absolute level of tables, with the bucket at level 1. Zero means not set.
	Level int
}

// scannedObject is an object and its sample.
type scannedObject struct {
	object
	Sample *sample
}

// scannedLeaf is a folder with samples of its objects. Scanned omits objects in an unknown format.
type scannedLeaf struct {
	leaf
	Scanned []scannedObject
	// Known summarizes the objects that an earlier crawl read, or is nil.
	Known *folderState
}

func (l scannedLeaf) empty() bool { return len(l.Scanned) == 0 && l.Known == nil }

// tables groups the folders of a target into tables. From the deepest folders upwards, the folders of a level become
// the partitions of one table if most of them have similar schemas ("How does a crawler determine when to create
// partitions?").
func (g grouping) tables(in include, found []scannedLeaf) []dataset {
	root := &tree{prefix: in.folder()}
	for _, l := range found {
		if !strings.HasPrefix(l.Prefix, root.prefix) {
			return singles(l) // The include path is this object.
		}
		if !l.empty() {
			root.add(l)
		}
	}
	return g.collect(root)
}

// tree is a folder with its subfolders.
type tree struct {
	prefix   string
	leaf     *scannedLeaf
	children []*tree
}

func (t *tree) add(l scannedLeaf) {
	below := strings.TrimPrefix(l.Prefix, t.prefix)
	if below == "" {
		t.leaf = &l
		return
	}
	name, _, _ := strings.Cut(below, "/")
	prefix := t.prefix + name + "/"
	if n := len(t.children); n == 0 || t.children[n-1].prefix != prefix {
		t.children = append(t.children, &tree{prefix: prefix})
	}
	t.children[len(t.children)-1].add(l)
}

// level returns the absolute level of a folder, with the bucket at level 1.
func (t *tree) level() int { return 1 + strings.Count(t.prefix, "/") }

func (g grouping) collect(t *tree) []dataset {
	var out []dataset
	for _, c := range t.children {
		out = append(out, g.collect(c)...)
	}
	switch {
	case t.leaf == nil:
		return g.joinFolders(t, out)
	case len(t.children) == 0:
		return g.leafTables(*t.leaf)
	default:
		// Objects beside folders are at another level, so they are separate tables.
		return append(out, singles(*t.leaf)...)
	}
}

// leafTables returns one table for a folder, or one for each object if their formats or schemas differ too much.
func (g grouping) leafTables(l scannedLeaf) []dataset {
	if !g.uniform(l) {
		return singles(l)
	}
	var f format
	var columns []column
	for _, s := range l.schemas() {
		f, columns = s.Format, unifyColumns(columns, s.Columns)
	}
	return []dataset{newDataset(l.Prefix, f, columns, estimate(l))}
}

// uniform reports whether a folder's objects form one table.
func (g grouping) uniform(l scannedLeaf) bool {
	all := l.schemas()
	for _, s := range all {
		if s.Format != all[0].Format {
			return false
		}
	}
	return len(all) > 0 && g.alike(all, l.Prefix)
}

// majority splits off the objects in other formats if more than 70 % of the objects have the same format and form one
// table. Otherwise a few objects would split the table ("Troubleshoot missing partitions", AWS Knowledge Center).
func (g grouping) majority(l scannedLeaf) (main scannedLeaf, misfits []scannedObject) {
	count := map[format]int{}
	all := 0
	for _, s := range l.schemas() {
		count[s.Format] += s.Objects
		all += s.Objects
	}
	for f, n := range count {
		if float64(n) <= threshold*float64(all) {
			continue
		}
		main, misfits = l.only(f)
		if g.uniform(main) {
			return main, misfits
		}
	}
	return l, nil
}

// only splits a folder into the objects of one format and the others.
func (l scannedLeaf) only(f format) (scannedLeaf, []scannedObject) {
	all := l.Scanned
	l.Scanned = nil
	var others []scannedObject
	for _, s := range all {
		if s.Sample.Format == f {
			l.Scanned = append(l.Scanned, s)
		} else {
			others = append(others, s)
		}
	}
	return l, others
}

// schemas returns the schemas of the folder's objects.
func (l scannedLeaf) schemas() []schema {
	var out []schema
	if l.Known != nil {
		out = append(out, schema{l.Known.Format, l.Known.Columns, l.Known.Read})
	}
	for _, s := range l.Scanned {
		out = append(out, schema{s.Sample.Format, s.Sample.Columns, 1})
	}
	return out
}

func (g grouping) alike(schemas []schema, prefix string) bool {
	inTable := g.Level > 0 && 1+strings.Count(prefix, "/") >= g.Level
	return g.Combine || inTable || mostlyAlike(schemas)
}

// joinFolders combines the tables in a folder into one partitioned table if possible. Subfolders that differ from most
// others in format or depth stay separate tables.
func (g grouping) joinFolders(t *tree, tables []dataset) []dataset {
	if len(tables) == 0 || t.level() < g.Level {
		return tables
	}
	fit, rest := dominant(t, tables)
	schemas := make([]schema, len(fit))
	for i, d := range fit {
		schemas[i] = schema{d.Format, d.Columns, 1}
	}
	if float64(len(fit)) <= threshold*float64(len(t.children)) || !g.alike(schemas, t.prefix) {
		return tables
	}
	return append([]dataset{join(t.prefix, fit)}, rest...)
}

// dominant returns the tables that are direct subfolders of t and have the most frequent format and depth, and the
// other tables.
func dominant(t *tree, tables []dataset) (fit, rest []dataset) {
	type kind struct {
		format format
		depth  int
	}
	byKind := map[kind][]dataset{}
	var order []kind
	for _, d := range tables {
		direct := slices.ContainsFunc(t.children, func(c *tree) bool { return c.prefix == d.Location })
		if !direct {
			rest = append(rest, d)
			continue
		}
		k := kind{d.Format, d.depth()}
		if byKind[k] == nil {
			order = append(order, k)
		}
		byKind[k] = append(byKind[k], d)
	}
	var best kind
	for _, k := range order {
		if len(byKind[k]) > len(byKind[best]) {
			best = k
		}
	}
	for _, k := range order {
		if k != best {
			rest = append(rest, byKind[k]...)
		}
	}
	return byKind[best], rest
}

func singles(l scannedLeaf) []dataset {
	out := make([]dataset, len(l.Scanned))
	for i, s := range l.Scanned {
		one := scannedLeaf{leaf: leaf{l.Prefix, []object{s.object}}, Scanned: []scannedObject{s}}
		out[i] = newDataset(s.Key, s.Sample.Format, s.Sample.Columns, estimate(one))
	}
	return out
}
