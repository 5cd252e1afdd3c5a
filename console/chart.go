package console

import (
	"fmt"
	"strconv"

	"store-events/ops"
)

// bars is a chart of runs: a column for each, with a part for each thing that
// became of its lines. The unit is that of the viewBox.
type bars struct {
	Width, Height int
	Columns       []column
	Most          int // Lines of the highest column.
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
	leastColumns            = 24 // So that a few runs are not wide blocks.
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
		top := chartHeight
		for _, one := range partsOf(r) {
			if one.N == 0 {
				continue
			}
			height := max(one.N*chartHeight/max(b.Most, 1), 2)
			top -= height
			c.Parts = append(c.Parts, part{top, height, one.Name})
		}
		b.Columns = append(b.Columns, c)
	}
	return b
}

func partsOf(r ops.RunRecord) []named {
	return []named{{"new", r.RowsNew}, {"repeated", r.RowsDuplicate}, {"quarantined", r.RowsQuarantined}}
}

// balance says what became of the lines that a run has read.
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
	x := 0
	for _, one := range partsOf(r) {
		if one.N == 0 || b.Read == 0 {
			continue
		}
		width := max(one.N*chartWidth/b.Read, 4)
		b.Parts = append(b.Parts, share{x, min(width, chartWidth-x), one.Name})
		x += width
	}
	return b
}

// barList is a chart of a result that has one column of labels and one of numbers.
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

// newBarList returns no chart for any other result, or one that is too long.
func newBarList(rows ops.Rows) *barList {
	if len(rows.Columns) != 2 || len(rows.Rows) < 2 || len(rows.Rows) > mostBars {
		return nil
	}
	values := make([]float64, len(rows.Rows))
	most := 0.0
	for i, cells := range rows.Rows {
		v, err := strconv.ParseFloat(cells[1].Text, 64)
		if err != nil || v < 0 {
			return nil
		}
		values[i], most = v, max(most, v)
	}
	if most == 0 {
		return nil
	}
	b := &barList{Width: chartWidth, Height: len(values) * barPitch, Label: rows.Columns[1] + " by " + rows.Columns[0] + "; the table has the numbers"}
	for i, v := range values {
		b.Rows = append(b.Rows, barRow{
			Y: i * barPitch, Width: max(int(v/most*(chartWidth-labelWidth-valueWidth)), 1),
			Label: shortened(rows.Rows[i][0].String(), 28), Text: rows.Rows[i][1].Text,
		})
	}
	return b
}
