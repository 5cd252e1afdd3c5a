package console

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"store-events/ops"
)

// bars is a chart of runs: a column per run, with a part per result of its lines.
// Lengths are in units of the viewBox.
type bars struct {
	Width, Height int
	Columns       []column
	Most          int // Lines in the highest column.
	Label         string
}

type column struct {
	X, Width int
	Parts    []part
	Failed   bool
	Busy     bool
	Title    string
}

type part struct {
	Y, Height int
	Class     string
}

const (
	chartWidth, chartHeight = 960, 120
	leastColumns            = 24 // Limits the width of columns.
)

// newBars draws runs, the oldest first.
func newBars(runs []ops.RunRecord) bars {
	b := bars{Width: chartWidth, Height: chartHeight, Label: fmt.Sprintf("Lines read by the last %s; the table has the numbers", countOf(len(runs), "run"))}
	for _, r := range runs {
		b.Most = max(b.Most, r.RowsRead)
	}
	pitch := chartWidth / max(len(runs), leastColumns)
	for i := range runs {
		r := runs[len(runs)-1-i]
		c := column{
			X: i * pitch, Width: max(pitch-3, 2), Failed: runTone(r.Outcome) == bad, Busy: r.Outcome == ops.RunUnderWay,
			Title: fmt.Sprintf("run %d: %s, %s read", r.Number, r.Outcome, countOf(r.RowsRead, "line")),
		}
		top, parts := chartHeight, partsOf(r)
		for i, height := range lengths(parts, b.Most, chartHeight, 2) {
			if height > 0 {
				top -= height
				c.Parts = append(c.Parts, part{top, height, parts[i].Name})
			}
		}
		b.Columns = append(b.Columns, c)
	}
	return b
}

func partsOf(r ops.RunRecord) []namedCount {
	return []namedCount{{"new", r.RowsNew}, {"repeated", r.RowsDuplicate}, {"quarantined", r.RowsQuarantined}}
}

// lengths returns proportional lengths of the parts of a whole. Parts that are not empty get at
// least the length least, at the expense of the longest one.
func lengths(parts []namedCount, whole, length, least int) []int {
	sum := 0
	for _, one := range parts {
		sum += one.N
	}
	whole = max(whole, sum, 1)
	drawn, left, longest := make([]int, len(parts)), length, 0
	for i, one := range parts {
		if one.N > 0 {
			drawn[i] = max(one.N*length/whole, least)
		}
		left -= drawn[i]
		if drawn[i] > drawn[longest] {
			longest = i
		}
	}
	drawn[longest] += min(left, 0)
	return drawn
}

// balance counts the lines of a run by result.
type balance struct {
	Read, New, Repeated, Quarantined int
	Balanced                         bool
	Unread                           int // Objects.
	Parts                            []share
}

type share struct {
	X, Width int
	Class    string
}

func newBalance(r ops.RunRecord) balance {
	b := balance{Read: r.RowsRead, New: r.RowsNew, Repeated: r.RowsDuplicate, Quarantined: r.RowsQuarantined, Unread: sumOf(r.Unread)}
	b.Balanced = b.Read == b.New+b.Repeated+b.Quarantined
	x, parts := 0, partsOf(r)
	for i, width := range lengths(parts, b.Read, chartWidth, 4) {
		if width > 0 {
			b.Parts = append(b.Parts, share{x, width, parts[i].Name})
			x += width
		}
	}
	return b
}

// barList is a chart of a result: the labels are the first column, and the values the
// first other column that contains only numbers.
type barList struct {
	Width, Height int
	Rows          []barRow
	Label         string
}

type barRow struct {
	Y, Width    int
	Label, Text string
}

const (
	mostBars   = 30
	barPitch   = 26
	labelWidth = 220
	valueWidth = 120
)

// newBarList draws the first rows of a result. It returns nil if the result has no
// numbers, or a single row.
func newBarList(rows ops.Rows) *barList {
	shown := rows.Rows[:min(len(rows.Rows), mostBars)]
	if len(shown) < 2 {
		return nil
	}
	column, values := valuesOf(rows.Columns, shown)
	highest := slices.Max(append(values, 0))
	if highest == 0 {
		return nil
	}
	b := &barList{Width: chartWidth, Height: len(values) * barPitch, Label: rows.Columns[column] + " by " + rows.Columns[0] + "; the table has the numbers"}
	if len(shown) < len(rows.Rows) {
		b.Label = fmt.Sprintf("The first %d: %s", len(shown), b.Label)
	}
	for i, v := range values {
		b.Rows = append(b.Rows, barRow{
			Y: i * barPitch, Width: max(int(v/highest*(chartWidth-labelWidth-valueWidth)), 1),
			Label: shortened(shown[i][0].String(), 28), Text: shown[i][column].Text,
		})
	}
	return b
}

// valuesOf returns the first column after the labels that contains only non-negative
// numbers, and the numbers; no values if there is none.
func valuesOf(columns []string, rows [][]ops.Cell) (column int, values []float64) {
	for column := 1; column < len(columns); column++ {
		values = values[:0]
		for _, cells := range rows {
			v, err := strconv.ParseFloat(cells[column].Text, 64)
			if err != nil || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
				break
			}
			values = append(values, v)
		}
		if len(values) == len(rows) {
			return column, values
		}
	}
	return 0, nil
}
