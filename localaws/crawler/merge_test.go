package crawler

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// memory is a catalog that changes are applied to.
type memory struct {
	tables map[string]catalogTable
	lines  []string
	now    time.Time
}

func (m *memory) list() []catalogTable {
	var out []catalogTable
	for _, name := range slices.Sorted(maps.Keys(m.tables)) {
		out = append(out, m.tables[name])
	}
	return out
}

// crawl plans and applies a crawl of s3://bucket/.
func (m *memory) crawl(t testing.TB, p policy, objects map[string]string, paths ...string) []change {
	t.Helper()
	if len(paths) == 0 {
		paths = []string{""}
	}
	m.lines = nil
	merge := merger{policy: p, now: m.now, note: func(l line) { m.lines = append(m.lines, l.String()) }}
	var foundTables []foundTable
	var scopes []include
	var changes []change
	for _, path := range paths {
		in := include{"bucket", path}
		o := origin{Crawler: "c", Include: in}
		scopes = append(scopes, in)
		found := bucketOf(t, p.Grouping, in, nil, objects)
		if p.NewFoldersOnly {
			var plain []leaf
			for _, f := range found {
				plain = append(plain, f.leaf)
			}
			fresh := newFolders(in, plain, m.list())
			found = slices.DeleteFunc(found, func(f scannedLeaf) bool {
				return !slices.ContainsFunc(fresh, func(l leaf) bool { return l.Prefix == f.Prefix })
			})
			var more []change
			more, found = merge.attach(o, m.list(), found)
			changes = append(changes, more...)
		}
		for _, d := range p.Grouping.tables(in, found) {
			foundTables = append(foundTables, foundTable{o, d})
		}
	}
	changes = append(changes, merge.plan(Definition{Name: "c", TablePrefix: "x_"}, m.list(), foundTables, scopes)...)
	changes = slices.DeleteFunc(changes, change.empty)
	for _, c := range changes {
		m.apply(c)
	}
	return changes
}

func (m *memory) apply(c change) {
	if m.tables == nil {
		m.tables = map[string]catalogTable{}
	}
	if c.Kind == deleted {
		delete(m.tables, c.Table)
		return
	}
	t := m.tables[c.Table]
	if c.Kind != "" {
		t.Table = gluetypes.Table{
			Name: c.Input.Name, Parameters: c.Input.Parameters, StorageDescriptor: c.Input.StorageDescriptor,
			PartitionKeys: c.Input.PartitionKeys, Owner: c.Input.Owner, TableType: c.Input.TableType, Description: c.Input.Description,
		}
	}
	gone := func(values []string) {
		t.Partitions = slices.DeleteFunc(slices.Clone(t.Partitions), func(p gluetypes.Partition) bool { return slices.Equal(p.Values, values) })
	}
	for _, values := range c.RemovedPartitions {
		gone(values)
	}
	for _, p := range append(slices.Clone(c.ChangedPartitions), c.NewPartitions...) {
		gone(p.Values)
		t.Partitions = append(t.Partitions, gluetypes.Partition{Values: p.Values, Parameters: p.Parameters, StorageDescriptor: p.StorageDescriptor})
	}
	m.tables[c.Table] = t
}

func (m *memory) schema(table string) string {
	return schemaOf(columnsOf(m.tables[table].StorageDescriptor))
}

func (m *memory) values(table string) []string {
	var out []string
	for _, p := range m.tables[table].Partitions {
		out = append(out, p.Values...)
	}
	slices.Sort(out)
	return out
}

var (
	replace = policy{SchemaChangePolicy: SchemaChangePolicy{updateInDatabase, deprecateInDatabase}}
	merge   = policy{SchemaChangePolicy: SchemaChangePolicy{updateInDatabase, deprecateInDatabase}, MergeNewColumns: true}
	logging = policy{SchemaChangePolicy: SchemaChangePolicy{logOnly, logOnly}}
	newOnly = policy{SchemaChangePolicy: SchemaChangePolicy{logOnly, logOnly}, NewFoldersOnly: true}
)

const abcd = `{"a":1.5,"b":2,"c":3}`

func TestUpdateReplacesColumns(t *testing.T) {
	var m memory
	m.crawl(t, replace, map[string]string{"t/1": abcd}, "t/")
	changes := m.crawl(t, replace, map[string]string{"t/1": ab}, "t/")
	require.Equal(t, updated, changes[0].Kind)
	require.Equal(t, "a:int b:int", m.schema("x_t"))
}

func TestMergeOnlyAddsColumns(t *testing.T) {
	var m memory
	m.crawl(t, merge, map[string]string{"t/1": ab}, "t/")
	m.tables["x_t"].Parameters["by-hand"] = "kept"
	m.tables["x_t"].StorageDescriptor.Columns[0].Comment = aws.String("kept")
	m.crawl(t, merge, map[string]string{"t/1": abcd}, "t/")
	require.Equal(t, "a:int b:int c:int", m.schema("x_t"), "the type of a is kept")
	require.Equal(t, "kept", m.tables["x_t"].Parameters["by-hand"])
	require.Equal(t, "kept", *m.tables["x_t"].StorageDescriptor.Columns[0].Comment)
	m.crawl(t, merge, map[string]string{"t/1": `{"b":2,"c":3}`}, "t/")
	require.Equal(t, "a:int b:int c:int", m.schema("x_t"), "no column is removed")

	m.crawl(t, replace, map[string]string{"t/1": ab}, "t/")
	require.NotContains(t, m.tables["x_t"].Parameters, "by-hand", "replacing removes what the crawler did not set")
}

func TestMergeDeprecatesWhatChangesFundamentally(t *testing.T) {
	m := memory{now: time.UnixMilli(1700000000123)}
	m.crawl(t, merge, map[string]string{"t/1": ab}, "t/")
	m.crawl(t, merge, map[string]string{"t/1": "a,b\n1,2\n"}, "t/")
	require.Equal(t, "json", m.tables["x_t"].Parameters["classification"])
	require.Equal(t, "1700000000123", m.tables["x_t"].Parameters[deprecatedBy])
	require.Contains(t, m.lines, "WARN : Table x_t is marked deprecated because its classification changed. Resolve it by hand.")

	m.crawl(t, merge, map[string]string{"t/1": ab}, "t/")
	require.NotContains(t, m.tables["x_t"].Parameters, deprecatedBy, "the mark is removed with its reason")
}

func TestLogDoesNotChangeTables(t *testing.T) {
	var m memory
	m.crawl(t, logging, map[string]string{"t/dt=1/1": abc}, "t/")
	changes := m.crawl(t, logging, map[string]string{"t/dt=1/1": abx, "t/dt=2/1": abc, "u/1": ab}, "t/", "u/")
	require.Len(t, changes, 2)
	require.Equal(t, []string{"1", "2"}, m.values("x_t"), "new partitions are always added")
	require.Equal(t, added, changes[1].Kind, "and so are new tables")
	require.NotContains(t, m.schema("x_t"), "x:int")
	require.Contains(t, m.lines, "INFO : The schema of table x_t changed. The change is ignored, as the update behavior is LOG.")
}

func TestPartitionsInheritOrKeepTheirSchema(t *testing.T) {
	objects := map[string]string{"t/dt=1/1": abc, "t/dt=2/1": abx}
	first, second := "a:int b:int c:int d:int e:int f:int g:int", " h:int x:int"
	for _, inherits := range []bool{true, false} {
		var m memory
		p := merge
		p.Inherit = inherits
		m.crawl(t, p, objects, "t/")
		require.Equal(t, first+second, m.schema("x_t"))
		want := []string{first + " h:int", first + " x:int"}
		if inherits {
			want = []string{first + second, first + second}
		}
		for i, part := range m.tables["x_t"].Partitions {
			require.Equal(t, want[i], schemaOf(columnsOf(part.StorageDescriptor)))
			require.Equal(t, "1", part.Parameters["objectCount"])
		}
	}
}

func TestDeletedData(t *testing.T) {
	tests := []struct {
		behavior string
		tables   []string
		parts    []string
		mark     bool
	}{
		{deleteFromDatabase, []string{"x_t"}, []string{"1"}, false},
		{deprecateInDatabase, []string{"x_t", "x_u"}, []string{"1", "2"}, true},
		{logOnly, []string{"x_t", "x_u"}, []string{"1", "2"}, false},
	}
	for _, tc := range tests {
		t.Run(tc.behavior, func(t *testing.T) {
			m := memory{now: time.UnixMilli(5)}
			p := replace
			p.DeleteBehavior = tc.behavior
			m.crawl(t, p, map[string]string{"t/dt=1/1": ab, "t/dt=2/1": ab, "u/1": cd}, "t/", "u/")
			m.apply(change{Table: "other", Kind: added, Input: &gluetypes.TableInput{
				Name: aws.String("other"), StorageDescriptor: &gluetypes.StorageDescriptor{Location: aws.String("s3://bucket/t/other/")},
			}})
			m.crawl(t, p, map[string]string{"t/dt=1/1": ab}, "t/", "u/")
			require.Contains(t, m.tables, "other", "tables of others are not changed")
			delete(m.tables, "other")
			require.Equal(t, tc.tables, slices.Sorted(maps.Keys(m.tables)))
			require.Equal(t, tc.parts, m.values("x_t"))
			_, marked := m.tables["x_u"].Parameters[deprecatedBy]
			require.Equal(t, tc.mark, marked)
			require.Empty(t, m.crawl(t, p, map[string]string{"t/dt=1/1": ab}, "t/", "u/"), "a second crawl changes nothing")
		})
	}
}

func TestPartitionKeyThatIsAlsoAColumn(t *testing.T) {
	var m memory
	m.crawl(t, replace, map[string]string{"t/a=1/1": ab}, "t/")
	require.Equal(t, "b:int", m.schema("x_t"))
	require.Contains(t, m.lines, `WARN : Table x_t: column "a" is omitted: a partition key has the same name.`)
}

func TestTakenNamesGetAHash(t *testing.T) {
	var m memory
	m.crawl(t, replace, map[string]string{"a/t/1": ab, "b/t/1": ab}, "a/t/", "b/t/")
	names := slices.Sorted(maps.Keys(m.tables))
	require.Len(t, names, 2)
	require.Equal(t, "x_t", names[0])
	require.Regexp(t, `^x_t_[0-9a-f]{32}$`, names[1])
	require.Empty(t, m.crawl(t, replace, map[string]string{"a/t/1": ab, "b/t/1": ab}, "a/t/", "b/t/"))
}

func TestDeclaredTables(t *testing.T) {
	declare := func(m *memory, location string) {
		m.apply(change{Table: "x_t", Kind: added, Input: &gluetypes.TableInput{
			Name: aws.String("x_t"), Parameters: map[string]string{"classification": "json", "owner": "me"},
			StorageDescriptor: &gluetypes.StorageDescriptor{Location: aws.String(location)},
		}})
	}
	var m memory
	declare(&m, "s3://bucket/t")
	m.crawl(t, merge, map[string]string{"t/1": ab}, "t/")
	require.Equal(t, "a:int b:int", m.schema("x_t"), "at the same place it is the crawler's table")
	require.Equal(t, "me", m.tables["x_t"].Parameters["owner"])

	m = memory{}
	declare(&m, "s3://elsewhere/t")
	m.crawl(t, merge, map[string]string{"t/1": ab}, "t/")
	require.Empty(t, m.schema("x_t"))
	require.Len(t, m.tables, 2)
}

func TestNewFoldersOnly(t *testing.T) {
	var m memory
	m.crawl(t, newOnly, map[string]string{"t/dt=1/1": abc, "t/dt=2/1": abc}, "t/")
	changes := m.crawl(t, newOnly, map[string]string{
		"t/dt=1/1": abc, "t/dt=1/2": abx, // Crawled before: not read again, although it changed.
		"t/dt=3/1":  abx,             // New and similar.
		"t/dt=4/1":  `{"q":1,"r":2}`, // New and different.
		"t/dt=5/1":  "a,b\n1,2\n",
		"t/day=6/1": abc, "t/dt=7/sub/1": abc,
	}, "t/") // dt=2 was deleted.
	require.Len(t, changes, 1)
	require.Empty(t, changes[0].Kind, "the table is not changed")
	require.Equal(t, []string{"1", "2", "3"}, m.values("x_t"))
	for _, folder := range []string{"dt=4/", "dt=5/", "day=6/", "dt=7/sub/"} {
		require.Contains(t, m.lines, "WARN : Partition does not match table schema or has mismatch keys: table x_t, location s3://bucket/t/"+folder)
	}
}

// With any catalog and any data, a second crawl of the same data changes nothing.
func TestCrawlingTwiceChangesNothing(t *testing.T) {
	key := rapid.SampledFrom([]string{"t/1", "t/2", "t/dt=1/1", "t/dt=2/1", "t/dt=3/1", "u/1", "u/v/1"})
	body := rapid.SampledFrom([]string{ab, cd, abc, abx, abcd, `{"dt":1,"":2,"A":3,"a":4}`, `{"a":{"x":1}}`, "a,b\n1,2\n", "\x00"})
	behavior := rapid.SampledFrom([]string{deleteFromDatabase, deprecateInDatabase, logOnly})
	rapid.Check(t, func(rt *rapid.T) {
		p := policy{
			SchemaChangePolicy: SchemaChangePolicy{
				UpdateBehavior: rapid.SampledFrom([]string{updateInDatabase, logOnly}).Draw(rt, "update"),
				DeleteBehavior: behavior.Draw(rt, "delete"),
			},
			MergeNewColumns: rapid.Bool().Draw(rt, "merge"),
			Inherit:         rapid.Bool().Draw(rt, "inherit"),
			Grouping:        grouping{Combine: rapid.Bool().Draw(rt, "combine")},
		}
		var m memory
		before := rapid.MapOfN(key, body, 0, 5).Draw(rt, "before")
		after := rapid.MapOfN(key, body, 0, 5).Draw(rt, "after")
		m.crawl(t, p, before, "t/", "u/")
		m.crawl(t, p, after, "t/", "u/")
		require.Empty(rt, m.crawl(t, p, after, "t/", "u/"))
	})
}
