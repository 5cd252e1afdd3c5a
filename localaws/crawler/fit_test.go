package crawler

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// unfit has members whose names or values cannot become columns of the catalog.
var unfit = func() string {
	record := map[string]any{
		"a": 1, "": 2, "dt": "x", "a\nb": 3, "straße": 4, "STRASSE": 5, "tab\tname": 6,
		strings.Repeat("n", 255): 7, strings.Repeat("m", 256): 8, strings.Repeat("😀", 128): 9,
		"deep": wide(8000), "mid": wide(10),
	}
	raw, _ := json.Marshal(record) //nolint:errchkjson // Such a map always encodes.
	return string(raw) + "\n" + `{"A":1,"a":2,"ſ":1,"s":2}` + "\n"
}()

// wide returns an object with n members, whose type has about 20 characters for each.
func wide(n int) map[string]int {
	out := map[string]int{}
	for i := range n {
		out[fmt.Sprintf("member_%08d", i)] = i
	}
	return out
}

// https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html
func TestColumnsFitTheCatalog(t *testing.T) {
	for name, p := range map[string]policy{
		"merge and inherit": {MergeNewColumns: true, Inherit: true},
		"merge":             {MergeNewColumns: true},
		"replace":           replace,
	} {
		t.Run(name, func(t *testing.T) {
			var m memory
			objects := map[string]string{"t/dt=1/1": unfit, "t/dt=2/1": unfit}
			require.NotEmpty(t, m.crawl(t, p, objects, "t/"))
			table := m.tables["x_t"]
			types := map[string]string{}
			for _, c := range table.StorageDescriptor.Columns {
				require.NotContains(t, types, strings.ToLower(strings.ToUpper(*c.Name)))
				types[strings.ToLower(strings.ToUpper(*c.Name))] = *c.Type
				require.LessOrEqual(t, units(*c.Type), 131072)
			}
			require.Equal(t, "string", types["deep"])
			require.Contains(t, types["mid"], "struct<")
			require.Equal(t, "int", types[strings.Repeat("n", 255)])
			for _, left := range []string{"", "dt", "a\nb", strings.Repeat("m", 256), strings.Repeat("😀", 128)} {
				require.NotContains(t, types, left)
			}
			require.Contains(t, types, "tab\tname")
			require.Contains(t, strings.Join(m.lines, "\n"), `column "dt" is omitted: a partition key has the same name`)
			require.Contains(t, strings.Join(m.lines, "\n"), `column "deep" is a string: its type is longer than 131072 characters`)
			for _, line := range m.lines {
				require.Less(t, len(line), 400)
			}
			for _, partition := range table.Partitions {
				require.Len(t, partition.StorageDescriptor.Columns, len(types))
			}
			require.Empty(t, m.crawl(t, p, objects, "t/"), "a second crawl changes nothing")
		})
	}
}

// A type that a crawl would extend beyond the limit is not changed.
func TestMergedTypesFitTheCatalog(t *testing.T) {
	p := policy{MergeNewColumns: true, Inherit: true}
	half := func(prefix string) string {
		members := map[string]int{}
		for name, n := range wide(5000) {
			members[prefix+name] = n
		}
		raw, _ := json.Marshal(map[string]any{"a": 1, "s": members}) //nolint:errchkjson // Such a map always encodes.
		return string(raw)
	}
	var m memory
	m.crawl(t, p, map[string]string{"t/1": half("x")}, "t/")
	before := m.schema("x_t")
	objects := map[string]string{"t/1": half("x"), "t/2": half("y")}
	m.crawl(t, p, objects, "t/")
	require.Equal(t, before, m.schema("x_t"))
	require.Empty(t, m.crawl(t, p, objects, "t/"))
}

func TestKeysWithTheSameNameGetDifferentNames(t *testing.T) {
	var m memory
	m.crawl(t, replace, map[string]string{"t/dt=1/DT=2/1": ab, "t/dt=2/DT=2/1": ab}, "t/")
	keys := m.tables["x_t"].PartitionKeys
	require.Len(t, keys, 2)
	require.Equal(t, "dt", *keys[0].Name)
	require.Equal(t, "partition_1", *keys[1].Name)
	require.Equal(t, []string{"1", "2", "DT=2", "DT=2"}, m.values("x_t"))
}
