package crawler

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// bucketOf lists objects with one line of JSON each, by key, and scans them.
func bucketOf(t testing.TB, g grouping, in include, ex excluder, objects map[string]string) []scannedLeaf {
	t.Helper()
	var listing []object
	for key, body := range objects {
		listing = append(listing, object{Key: key, Size: int64(len(body))})
	}
	var out []scannedLeaf
	folders := leaves(in, listing, ex)
	for i, l := range folders {
		s := scannedLeaf{leaf: l}
		for _, o := range l.Objects {
			if one, err := classify([]byte(objects[o.Key]), true); err == nil {
				s.Scanned = append(s.Scanned, scannedObject{o, one})
			}
		}
		if wholeFolder(in, folders, i) {
			s, _ = g.majority(s)
		}
		out = append(out, s)
	}
	return out
}

// describe writes a table as: location (columns) [keys] values.
func describe(d dataset) string {
	keys := partitionKeys(d)
	out := fmt.Sprintf("%s (%s)", d.Location, schemaOf(d.Columns))
	if len(keys) > 0 {
		out += fmt.Sprintf(" %v", keys)
		for _, p := range d.Parts {
			out += " " + strings.Join(partitionValues(keys, p), "/")
		}
	}
	return out
}

const (
	ab  = `{"a":1,"b":2}`
	cd  = `{"c":3,"d":4}`
	abc = `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8}`
	abx = `{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"x":8}`
)

func TestGrouping(t *testing.T) {
	wide := "a:int b:int c:int d:int e:int f:int g:int h:int"
	tests := []struct {
		name    string
		path    string
		group   grouping
		objects map[string]string
		want    []string
	}{
		{
			"files of a folder are one table", "t/", grouping{},
			map[string]string{"t/1.json": ab, "t/2.json": ab},
			[]string{"t/ (a:int b:int)"},
		},
		{
			"Hive-style folders at several levels", "sales", grouping{},
			map[string]string{
				"sales/year=2019/month=Jan/day=1/a": ab, "sales/year=2019/month=Jan/day=2/a": ab,
				"sales/year=2019/month=Feb/day=1/a": ab, "sales/year=2019/month=Feb/day=2/a": ab,
				"sales2/a": ab,
			},
			[]string{"sales/ (a:int b:int) [year month day] 2019/Feb/1 2019/Feb/2 2019/Jan/1 2019/Jan/2"},
		},
		{
			"other folders get numbered keys", "folder1/", grouping{},
			map[string]string{
				"folder1/table1/partition1/f": ab, "folder1/table1/partition2/f": ab,
				"folder1/table2/partition4/f": ab,
			},
			[]string{"folder1/ (a:int b:int) [partition_0 partition_1] table1/partition1 table1/partition2 table2/partition4"},
		},
		{
			"dissimilar folders are tables", "table1/", grouping{},
			map[string]string{"table1/year=2017/data1.json": ab, "table1/year=2018/data2.json": cd},
			[]string{"table1/year=2017/ (a:int b:int)", "table1/year=2018/ (c:int d:int)"},
		},
		{
			"unless schemas are combined", "table1/", grouping{Combine: true},
			map[string]string{"table1/year=2017/data1.json": ab, "table1/year=2018/data2.json": cd},
			[]string{"table1/ (a:int b:int c:int d:int) [year] 2017 2018"},
		},
		{
			"dissimilar tables keep their partitions", "", grouping{},
			map[string]string{"x/dt=1/f": ab, "x/dt=2/f": ab, "y/dt=1/f": cd},
			[]string{"x/ (a:int b:int) [dt] 1 2", "y/ (c:int d:int) [dt] 1"},
		},
		{
			"a table level", "", grouping{Level: 2},
			map[string]string{"x/dt=1/f": ab, "x/dt=2/f": cd, "y/dt=1/f": ab},
			[]string{"x/ (a:int b:int c:int d:int) [dt] 1 2", "y/ (a:int b:int) [dt] 1"},
		},
		{
			"similar enough", "t/", grouping{},
			map[string]string{"t/dt=1/f": abc, "t/dt=2/f": abx},
			[]string{"t/ (" + wide + " x:int) [dt] 1 2"},
		},
		{
			"a minority joins the table", "t/", grouping{},
			map[string]string{"t/dt=1/f": ab, "t/dt=2/f": ab, "t/dt=3/f": ab, "t/dt=4/f": cd},
			[]string{"t/ (a:int b:int c:int d:int) [dt] 1 2 3 4"},
		},
		{
			"up to 70 %", "t/", grouping{},
			map[string]string{"t/dt=1/f": ab, "t/dt=2/f": ab, "t/dt=3/f": cd},
			[]string{"t/dt=1/ (a:int b:int)", "t/dt=2/ (a:int b:int)", "t/dt=3/ (c:int d:int)"},
		},
		{
			"another compression is another table", "t/", grouping{Combine: true},
			map[string]string{"t/dt=1/f": ab, "t/dt=2/f": ab, "t/dt=3/f": ab, "t/dt=4/f": "a,b\n1,2\n"},
			[]string{"t/ (a:int b:int) [dt] 1 2 3", "t/dt=4/ (a:bigint b:bigint)"},
		},
		{
			"files of several formats are tables", "t/", grouping{Combine: true},
			map[string]string{"t/1.json": ab, "t/2.csv": "a,b\n1,2\n"},
			[]string{"t/1.json (a:int b:int)", "t/2.csv (a:bigint b:bigint)"},
		},
		{
			"a file of another format among many is not a table", "t/", grouping{},
			map[string]string{"t/1.json": ab, "t/2.json": ab, "t/3.json": ab, "t/4.csv": "a,b\n1,2\n"},
			[]string{"t/ (a:int b:int)"},
		},
		{
			"files beside folders are tables", "t/", grouping{},
			map[string]string{"t/top.json": ab, "t/dt=1/f": ab},
			[]string{"t/dt=1/ (a:int b:int)", "t/top.json (a:int b:int)"},
		},
		{
			"keys that differ have no name", "t/", grouping{},
			map[string]string{"t/year=1/f": ab, "t/yr=2/f": ab},
			[]string{"t/ (a:int b:int) [partition_0] year=1 yr=2"},
		},
		{
			"escaped values", "t/", grouping{},
			map[string]string{"t/ts=10%3A30/f": ab, "t/ts=100%/f": ab},
			[]string{"t/ (a:int b:int) [ts] 10:30 100%"},
		},
		{
			"empty and unreadable files are ignored", "t/", grouping{},
			map[string]string{"t/dt=1/f": ab, "t/dt=1/_SUCCESS": "", "t/dt=2/x": "\x00\x01", "t/dt=3/": ""},
			[]string{"t/ (a:int b:int) [dt] 1"},
		},
		{"one object", "t/1.json", grouping{}, map[string]string{"t/1.json": ab, "t/1.json2": ab}, []string{"t/1.json (a:int b:int)"}},
		{"no objects", "t/", grouping{}, map[string]string{"u/1.json": ab}, nil},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			in := include{"bucket", tc.path}
			var got []string
			for _, d := range tc.group.tables(in, bucketOf(t, tc.group, in, nil, tc.objects)) {
				got = append(got, describe(d))
			}
			require.Equal(t, tc.want, got)
		})
	}
}

// Every object that is recognized belongs to exactly one part of one table.
func TestEveryObjectIsInOneTable(t *testing.T) {
	folder := rapid.SampledFrom([]string{"", "a/", "b/", "dt=1/", "dt=2/", "a/dt=1/", "a/dt=2/", "a/b/c/"})
	body := rapid.SampledFrom([]string{ab, cd, abc, abx, "a,b\n1,2\n"})
	rapid.Check(t, func(t *rapid.T) {
		objects := map[string]string{}
		for i := range rapid.IntRange(1, 12).Draw(t, "objects") {
			objects[folder.Draw(t, "folder")+strconv.Itoa(i)] = body.Draw(t, "body")
		}
		g := grouping{Combine: rapid.Bool().Draw(t, "combine"), Level: rapid.IntRange(0, 3).Draw(t, "level")}
		in := include{Bucket: "bucket"}
		count := int64(0)
		for _, d := range g.tables(in, bucketOf(&testing.T{}, g, in, nil, objects)) {
			sum := int64(0)
			for _, p := range d.Parts {
				sum += p.Stats.Objects
				require.Len(t, p.Names, d.depth())
				require.True(t, strings.HasPrefix(p.Location, d.Location))
			}
			require.Equal(t, d.Stats.Objects, sum)
			count += sum
		}
		require.EqualValues(t, len(objects), count)
	})
}

func TestExclusionsAreRelativeToTheIncludePath(t *testing.T) {
	in := include{"bucket", "data/sale"}
	ex, err := newExcluder([]string{"bookmarks/**"})
	require.NoError(t, err)
	got := bucketOf(t, grouping{}, in, ex, map[string]string{
		"data/sale/dt=1/a": ab, "data/sale/bookmarks/a": ab, "bookmarks/a": ab, "data/sales/a": ab,
	})
	require.Len(t, got, 1)
	require.Equal(t, "data/sale/dt=1/", got[0].Prefix)
}

func TestParseInclude(t *testing.T) {
	tests := []struct {
		path string
		want include
	}{
		{"s3://bucket/folder/", include{"bucket", "folder/"}},
		{"s3://bucket", include{"bucket", ""}},
		{"s3://bucket/", include{"bucket", ""}},
		{"s3a://bucket/a/b", include{"bucket", "a/b"}},
		{"bucket/folder/file.json", include{"bucket", "folder/file.json"}},
	}
	for _, tc := range tests {
		got, err := parseInclude(tc.path)
		require.NoError(t, err)
		require.Equal(t, tc.want, got)
	}
	for _, path := range []string{"", "s3://", "s3:///x", "hdfs://x/y"} {
		_, err := parseInclude(path)
		require.Error(t, err, path)
	}
}

func TestTableNames(t *testing.T) {
	tests := []struct{ prefix, location, want string }{
		{"raw_", "orders/", "raw_orders"},
		{"", "data/Web-Orders.v2/", "web_orders_v2"},
		{"", "table1/year=2017/", "year_2017"},
		{"", "", "my_bucket"},
		{"", "dir/finance.json", "finance_json"},
		{"Raw-", "x", "raw_x"},
		{"", strings.Repeat("a", 200), strings.Repeat("a", 128)},
	}
	for _, tc := range tests {
		require.Equal(t, tc.want, tableName(tc.prefix, "my-bucket", tc.location))
	}
	taken := withHash("t", "s3://b/x")
	require.Regexp(t, `^t_[0-9a-f]{32}$`, taken)
	require.NotEqual(t, taken, withHash("t", "s3://b/y"))
	require.Len(t, withHash(strings.Repeat("a", 128), "x"), 128)
}

func TestEstimate(t *testing.T) {
	l := scannedLeaf{
		leaf: leaf{Objects: []object{{Size: 100}, {Size: 1000}, {Size: 1100}}},
		Scanned: []scannedObject{
			{object{Size: 100}, &sample{Records: 10, Bytes: 100, Whole: true}},
			{object{Size: 1000}, &sample{Records: 10, Bytes: 100}},
		},
	}
	// 10 counted, 100 estimated for the second, and 100 for the third.
	require.Equal(t, stats{Objects: 3, Size: 2200, Records: 220, SampledBytes: 200, SampledRecords: 20}, estimate(l))
}

func TestSpread(t *testing.T) {
	objects := []object{{Key: "a"}, {Key: "b"}, {Key: "c"}, {Key: "d"}, {Key: "e"}}
	require.Equal(t, objects, spread(objects, 5))
	require.Equal(t, []object{{Key: "a"}, {Key: "c"}, {Key: "e"}}, spread(objects, 3))
	require.Equal(t, []object{{Key: "e"}}, spread(objects, 1))
}
