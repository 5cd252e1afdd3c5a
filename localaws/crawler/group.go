package crawler

import (
	"slices"
	"strings"
)

// grouping is how a crawler finds the tables of a target.
type grouping struct {
	// Combine ignores how similar schemas are (CombineCompatibleSchemas).
	Combine bool
	// Level is the absolute level of tables, the bucket being 1; 0 if not given.
	Level int
}

// scannedObject is an object and its sample.
type scannedObject struct {
	object
	Sample *sample
}

// scannedLeaf is a folder of which some objects were read. Scanned omits objects in an unknown format.
type scannedLeaf struct {
	leaf
	Scanned []scannedObject
	// Known summarizes objects read before, which are alike; nil if there are none.
	Known *folderState
}

func (l scannedLeaf) empty() bool { return len(l.Scanned) == 0 && l.Known == nil }

// tables finds the tables of a target: from the deepest folders upwards, the
// folders of a level become the partitions of one table if most of them have
// similar schemas ("How does a crawler determine when to create partitions?").
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

// tree is a folder with the folders in it.
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

// level is the absolute level of a folder, the bucket being 1.
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
		// Objects next to folders are at another level of the path, so they do not belong to the same table.
		return append(out, singles(*t.leaf)...)
	}
}

// leafTables makes one table of a folder's objects, or one of each object if format or schema differ too much.
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

// uniform reports whether a folder's objects are one table.
func (g grouping) uniform(l scannedLeaf) bool {
	all := l.schemas()
	for _, s := range all {
		if s.Format != all[0].Format {
			return false
		}
	}
	return len(all) > 0 && g.alike(all, l.Prefix)
}

// majority splits off the objects that are not in the most frequent format, if more than 70 % of the objects are
// in it and form one table. Otherwise the few others would break up the table ("Troubleshoot missing
// partitions", AWS Knowledge Center).
func (g grouping) majority(l scannedLeaf) (most scannedLeaf, misfits []scannedObject) {
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
		most, misfits = l.only(f)
		if g.uniform(most) {
			return most, misfits
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

// joinFolders makes partitions of a folder's tables if possible. A folder with another format or depth than most
// stays a separate table.
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

// dominant picks the tables that are whole folders directly below t and agree
// in format and depth with most others.
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
