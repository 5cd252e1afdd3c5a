package crawler

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every example of "Include and exclude patterns" in the Glue Developer Guide.
func TestDocumentedExcludePatterns(t *testing.T) {
	tests := []struct {
		pattern string
		match   []string
		keep    []string
	}{
		{"*.csv", []string{"a.csv", ".csv"}, []string{"sub/a.csv", "a.csv.gz"}},
		{"*.*", []string{"a.b", ".hidden"}, []string{"nodot", "x/a.b"}},
		{"*.{csv,avro}", []string{"a.csv", "a.avro"}, []string{"a.json"}},
		{"foo.?", []string{"foo.a"}, []string{"foo.ab", "foo.", "foo./"}},
		{"myfolder/*", []string{"myfolder/mysource"}, []string{"myfolder/mysource/data"}},
		{"myfolder/*/*", []string{"myfolder/mysource/data"}, []string{"myfolder/mysource"}},
		{"myfolder/**", []string{"myfolder/mysource/mydata", "myfolder/mysource/data"}, []string{"other/myfolder/x"}},
		{"myfolder**", []string{"myfolder", "myfolder/mydata.txt"}, []string{"x/myfolder"}},
		{"Market*", []string{"Market_us", "Market_fr"}, []string{"market_us"}},
		{"departments/**", []string{"departments/finance.json", "departments/a/b"}, []string{"employees/hr.json"}},
		{
			"departments/market*",
			[]string{"departments/market-us.json", "departments/market-emea.json", "departments/market-ap.json"},
			[]string{"departments/finance.json"},
		},
		{"**.csv", []string{"employees/john.csv", "top.csv"}, []string{"employees/hr.json"}},
		{"employees/*.csv", []string{"employees/john.csv", "employees/jane.csv"}, []string{"employees/juan.txt"}},
		{
			"2015/01/{[!0],0[8-9]}**",
			[]string{"2015/01/10/a.json", "2015/01/08/a.json", "2015/01/31"},
			[]string{"2015/01/01/a.json", "2015/01/07/a.json"},
		},
		{"2015/0[2-9]/**", []string{"2015/02/01/a"}, []string{"2015/01/01/a", "2015/10/01/a"}},
		{"2015/1[0-2]/**", []string{"2015/12/01/a"}, []string{"2015/01/01/a"}},
		{"HR*", []string{"HR_us", "HR_fr"}, []string{"Employees_Table"}},
		{"Market_*", []string{"Market_US_Table"}, []string{"Finance"}},
		{"**_Table", []string{"Employees_Table", "Market_AP_Table"}, []string{"HR_us"}},
		{"[abce-g]", []string{"a", "b", "c", "e", "f", "g"}, []string{"d", "h", "ab"}},
		{"[!a-c]", []string{"d", "-"}, []string{"a", "b", "c", "/"}},
		{"[-a]", []string{"-", "a"}, []string{"b"}},
		{"[!-a]", []string{"b"}, []string{"-", "a"}},
		{`[*?\]`, []string{"*", "?", `\`}, []string{"a"}},
		{`\{a\}`, []string{"{a}"}, []string{"a"}},
		{`a\\b`, []string{`a\b`}, []string{"ab"}},
		{"*", []string{".hidden", "x"}, []string{"a/b"}},
		{"bookmarks/**", []string{"bookmarks/job/state.json"}, []string{"bookmark/x", "orders/bookmarks/x"}},
		{"größe/*.{j,ö}", []string{"größe/x.ö"}, []string{"große/x.ö"}},
	}
	for _, tc := range tests {
		t.Run(tc.pattern, func(t *testing.T) {
			ex, err := newExcluder([]string{tc.pattern})
			require.NoError(t, err)
			for _, path := range tc.match {
				require.True(t, ex.excludes(path), "%s must be excluded", path)
			}
			for _, path := range tc.keep {
				require.False(t, ex.excludes(path), "%s must be kept", path)
			}
		})
	}
}

func TestBrokenExcludePatterns(t *testing.T) {
	for _, pattern := range []string{"{a,{b}}", "{a", "[a", "[]", "[!]", "[z-a]"} {
		_, err := newExcluder([]string{pattern})
		require.ErrorContains(t, err, pattern)
	}
}
