package console

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/ops"
)

// result reads columns and rows that are separated by spaces; - is null.
func result(text ...string) ops.Rows {
	r := ops.Rows{Columns: strings.Fields(text[0])}
	for _, line := range text[1:] {
		var cells []ops.Cell
		for _, field := range strings.Fields(line) {
			if field == "-" {
				cells = append(cells, ops.Cell{Null: true})
				continue
			}
			cells = append(cells, ops.Cell{Text: field})
		}
		r.Rows = append(r.Rows, cells)
	}
	return r
}

func TestChartOfAResult(t *testing.T) {
	many := []string{"day n"}
	for i := range 40 {
		many = append(many, "d"+strconv.Itoa(i)+" 1")
	}
	for name, tc := range map[string]struct {
		rows  ops.Rows
		label string
		first string
		n     int
	}{
		"two columns":                {result("store sales", "a 2.50", "b 1e3"), "sales by store; the table has the numbers", "2.50", 2},
		"the first of numbers":       {result("store name events sales", "1 a 3 9", "2 b 4 8"), "events by store; the table has the numbers", "3", 2},
		"not one with a null":        {result("store events sales", "1 - 9", "2 4 8"), "sales by store; the table has the numbers", "9", 2},
		"not one below zero":         {result("store change n", "1 -5 9", "2 4 8"), "n by store; the table has the numbers", "9", 2},
		"no label":                   {result("store n", "- 9", "2 8"), "n by store; the table has the numbers", "9", 2},
		"more rows than a chart has": {result(many...), "The first 30: n by day; the table has the numbers", "1", 30},
	} {
		t.Run(name, func(t *testing.T) {
			chart := newBarList(tc.rows)
			require.NotNil(t, chart)
			require.Equal(t, tc.label, chart.Label)
			require.Len(t, chart.Rows, tc.n)
			require.Equal(t, tc.first, chart.Rows[0].Text)
		})
	}
}

func TestResultsWithoutAChart(t *testing.T) {
	for _, rows := range []ops.Rows{
		{}, result("n", "1", "2"), result("store n", "a 1"), result("store n", "a x", "b 2"),
		result("store n", "a 0", "b 0"), result("store n", "a NaN", "b 2"), result("store n", "a Inf", "b 2"),
	} {
		require.Nil(t, newBarList(rows))
	}
}

// Small parts are visible, and all parts are within the chart.
func TestPartsAreDrawnWithinTheirChart(t *testing.T) {
	for name, tc := range map[string]struct {
		read, fresh, repeated, quarantined int
		widths, heights                    []int
	}{
		"large and small": {1_000_000, 999_998, 1, 1, []int{952, 4, 4}, []int{116, 2, 2}},
		"small at first":  {1_000_000, 1, 1, 999_998, []int{4, 4, 952}, []int{2, 2, 116}},
		"in proportion":   {4, 2, 1, 1, []int{480, 240, 240}, []int{60, 30, 30}},
		"nothing read":    {0, 0, 0, 0, nil, nil},
		"unbalanced":      {10, 10, 10, 10, []int{320, 320, 320}, []int{40, 40, 40}},
		"one part":        {10, 0, 10, 0, []int{960}, []int{120}},
		"partly known":    {10, 5, 0, 0, []int{480}, []int{60}},
	} {
		t.Run(name, func(t *testing.T) {
			r := ops.RunRecord{RowsRead: tc.read, RowsNew: tc.fresh, RowsDuplicate: tc.repeated, RowsQuarantined: tc.quarantined}
			var widths, heights []int
			x, top := 0, chartHeight
			for _, p := range newBalance(r).Parts {
				require.Equal(t, x, p.X)
				widths = append(widths, p.Width)
				x += p.Width
			}
			for _, p := range newBars([]ops.RunRecord{r}).Columns[0].Parts {
				heights = append(heights, p.Height)
				top -= p.Height
				require.Equal(t, top, p.Y)
			}
			require.Equal(t, tc.widths, widths)
			require.Equal(t, tc.heights, heights)
			require.LessOrEqual(t, x, chartWidth)
			require.GreaterOrEqual(t, top, 0)
		})
	}
}
