package results

import (
	"fmt"
	"math"
	"strings"
)

// line is a series of a chart.
type line struct {
	name   string
	points []Point
	value  func(Point) float64
}

// chart is a line chart over X.
type chart struct {
	title, x, y string
	logX, logY  bool
	lines       []line
}

const (
	width, height          = 720, 360
	left, right, top, foot = 70, 190, 36, 48
	ticksLinear            = 5
)

// The colors are readable on white and on dark gray; text follows the reader's theme.
const style = `<style>text{font:12px sans-serif;fill:#333}.t{font-size:15px}.g{stroke:#8886;stroke-width:1}` +
	`@media(prefers-color-scheme:dark){text{fill:#ddd}}</style>`

var colors = []string{"#0b8a8a", "#d1651a", "#7a5fc2", "#c2417a", "#5c8a1e", "#b38a00"}

// svg draws the chart. Its output is deterministic.
func (c chart) svg() string {
	xs, ys := c.axes()
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s">`, width, height, c.title)
	b.WriteString("\n" + style + "\n")
	fmt.Fprintf(&b, `<text class="t" x="%d" y="20">%s</text>`+"\n", left, c.title)
	fmt.Fprintf(&b, `<text x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", (left+width-right)/2, height-8, c.x)
	fmt.Fprintf(&b, `<text transform="translate(14 %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n", (top+height-foot)/2, c.y)
	for _, v := range ys.ticks() {
		y := ys.at(v)
		fmt.Fprintf(&b, `<path class="g" d="M%d %.1fH%d"/><text x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n", left, y, width-right, left-6, y+4, short(v))
	}
	for _, v := range xs.ticks() {
		x := xs.at(v)
		fmt.Fprintf(&b, `<path class="g" d="M%.1f %dV%d"/><text x="%.1f" y="%d" text-anchor="middle">%s</text>`+"\n", x, top, height-foot, x, height-foot+16, short(v))
	}
	for i, l := range c.lines {
		c.draw(&b, i, l, xs, ys)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (c chart) draw(b *strings.Builder, i int, l line, xs, ys axis) {
	color := colors[i%len(colors)]
	var path []string
	for _, p := range l.points {
		path = append(path, fmt.Sprintf("%.1f %.1f", xs.at(p.X), ys.at(l.value(p))))
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"/>`, xs.at(p.X), ys.at(l.value(p)), color)
	}
	fmt.Fprintf(b, `<path fill="none" stroke="%s" stroke-width="2" d="M%s"/>`, color, strings.Join(path, "L"))
	y := top + 14 + 20*i
	fmt.Fprintf(b, `<path stroke="%s" stroke-width="3" d="M%d %dh16"/><text x="%d" y="%d">%s</text>`+"\n", color, width-right+14, y-4, width-right+36, y, l.name)
}

// axis maps values from low to high to pixels from start to end.
type axis struct {
	low, high, start, end float64
	log                   bool
}

func (c chart) axes() (x, y axis) {
	x = axis{low: math.Inf(1), start: left, end: width - right, log: c.logX}
	y = axis{low: math.Inf(1), start: height - foot, end: top, log: c.logY}
	for _, l := range c.lines {
		for _, p := range l.points {
			x.low, x.high = min(x.low, p.X), max(x.high, p.X)
			y.low, y.high = min(y.low, l.value(p)), max(y.high, l.value(p))
		}
	}
	x.round()
	y.round()
	return x, y
}

// round widens the axis to round values; a linear one begins at 0.
func (a *axis) round() {
	if a.log {
		a.low = math.Pow(10, math.Floor(math.Log10(max(a.low, 1e-3))))
		a.high = math.Pow(10, math.Ceil(math.Log10(max(a.high, a.low*10))))
		return
	}
	a.low = 0
	step := math.Pow(10, math.Floor(math.Log10(max(a.high, 1e-3))))
	for _, part := range []float64{0.2, 0.5, 1, 2} {
		if a.high <= ticksLinear*step*part {
			step *= part
			break
		}
	}
	a.high = step * ticksLinear
}

func (a axis) at(v float64) float64 {
	share := (v - a.low) / (a.high - a.low)
	if a.log {
		share = math.Log10(v/a.low) / math.Log10(a.high/a.low)
	}
	return a.start + share*(a.end-a.start)
}

func (a axis) ticks() []float64 {
	var out []float64
	if a.log {
		for v := a.low; v <= a.high*1.001; v *= 10 {
			out = append(out, v)
		}
		return out
	}
	for i := range ticksLinear + 1 {
		out = append(out, a.high*float64(i)/ticksLinear)
	}
	return out
}

// short formats a number for an axis.
func short(v float64) string {
	switch {
	case v >= 1e6:
		return trim(v/1e6) + " M"
	case v >= 1e4:
		return trim(v/1e3) + " k"
	}
	return trim(v)
}

func trim(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%.2f", v), "0"), ".")
}
