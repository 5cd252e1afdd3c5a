package console

import (
	"fmt"
	"strings"

	"store-events/ops"
)

// Positions of the picture's nodes, in units of the viewBox.
const (
	nodeWidth, nodeHeight = 152, 100
	columnPitch, rowPitch = 186, 128
	pictureMargin         = 6
	pictureColumns        = 7
	pictureRows           = 3
)

// picture is the deployed pipeline: nodes in a grid, and edges between them.
type picture struct {
	Width, Height int
	Nodes         []node
	Edges         []edge
}

type node struct {
	X, Y, Width, Height int
	Title, Service      string
	Count, State        string
	Tone                tone
	Href                string // The page with more about it.
	Label               string // For screen readers.
}

type edge struct {
	Path   string
	Starts bool // The first node starts the second; otherwise data flows.
	Busy   bool
}

// place is the position of a part in the grid, with its title, service and link.
type place struct {
	kind, title, service string
	column, row          int
	href                 string
	counts               string // Kind of the part with the counts, if it is another one.
}

var places = []place{
	{kind: "producer", title: "Producer", service: "Lambda", column: 0, row: 1},
	{kind: "bucket", title: "Events", service: "S3", column: 1, row: 1, href: "/lineage"},
	{kind: "crawler", title: "Crawler", service: "Glue", column: 2, row: 0, href: "/catalog"},
	{kind: "catalog", title: "Catalog", service: "Glue", column: 3, row: 0, href: "/catalog"},
	{kind: "workflow", title: "Workflow", service: "Glue", column: 2, row: 2},
	{kind: "job", title: "Job", service: "Glue", column: 4, row: 1, href: "/runs"},
	{kind: "database", title: "MySQL", service: "RDS", column: 5, row: 0, href: "/mysql", counts: "table"},
	{kind: "parquet", title: "Parquet", service: "S3", column: 5, row: 1, href: "/athena"},
	{kind: "quarantine", title: "Quarantine", service: "S3", column: 5, row: 2, href: "/quarantine"},
	{kind: "consumer", title: "Consumer", service: "EC2", column: 6, row: 0, href: "/mysql"},
	{kind: "queue", title: "Queue", service: "SQS", column: 0, row: 2},
	{kind: "starter", title: "Starter", service: "Lambda", column: 1, row: 2},
	{kind: "dead letters", title: "Dead letters", service: "SQS", column: 0, row: 0},
	{kind: "alarms", title: "Alarms", service: "CloudWatch", column: 6, row: 2},
	{kind: "workgroup", title: "Athena", service: "workgroup", column: 6, row: 1, href: "/athena"},
}

// flows and startedBy are the edges, by the kinds of their ends.
var (
	flows = [][2]string{
		{"producer", "bucket"}, {"bucket", "crawler"}, {"crawler", "catalog"}, {"catalog", "workgroup"}, {"bucket", "job"},
		{"job", "database"}, {"job", "parquet"}, {"job", "quarantine"}, {"database", "consumer"}, {"parquet", "workgroup"},
		{"bucket", "queue"}, {"queue", "starter"},
	}
	startedBy = [][2]string{{"starter", "workflow"}, {"workflow", "job"}}
)

// newPicture draws the parts of a status.
func newPicture(s ops.Status) picture {
	p := picture{
		Width:  pictureColumns*columnPitch - (columnPitch - nodeWidth) + 2*pictureMargin,
		Height: pictureRows*rowPitch - (rowPitch - nodeHeight) + 2*pictureMargin,
	}
	parts := map[string]ops.Part{}
	for _, part := range s.Parts {
		parts[part.Kind] = part
	}
	nodes := map[string]node{}
	for _, at := range places {
		part, exists := parts[at.kind]
		if !exists {
			continue
		}
		counted := part
		if at.counts != "" {
			counted = parts[at.counts]
		}
		n := node{
			X: pictureMargin + at.column*columnPitch, Y: pictureMargin + at.row*rowPitch, Width: nodeWidth, Height: nodeHeight,
			Title: at.title, Service: at.service, Count: countText(counted), State: pictureState(part), Tone: toneOf(part), Href: at.href,
		}
		// It begins with the visible text, for users of speech input.
		n.Label = strings.Join(strings.Fields(strings.Join([]string{n.Title, n.Service, n.Count, n.State}, " ")), " ") + " (" + part.Name + ")"
		nodes[at.kind] = n
		p.Nodes = append(p.Nodes, n)
	}
	for _, f := range flows {
		p.connect(nodes, f, false)
	}
	for _, f := range startedBy {
		p.connect(nodes, f, true)
	}
	return p
}

// countText returns the first count of a part, in a few words. Streams are objects of the bucket.
func countText(p ops.Part) string {
	n := 0
	for _, c := range p.Counts {
		n += c.N
	}
	switch {
	case len(p.Counts) == 0:
		return ""
	case p.Kind == "bucket":
		return countOf(n, "object")
	case p.Kind == "workgroup":
		return grouped(n) + " queries"
	case p.Kind == "alarms":
		return fmt.Sprintf("%d of %d fire", p.Counts[1].N, p.Counts[0].N)
	}
	what := p.Counts[0].What // A plural.
	return countOf(n, what[:len(what)-1])
}

// pictureState returns a part's state for the picture, which does not show its detail.
func pictureState(p ops.Part) string {
	switch p.State {
	case "SUCCEEDED", "COMPLETED":
		return "last run " + strings.ToLower(p.State)
	}
	return stateWord(p)
}

func (p *picture) connect(nodes map[string]node, ends [2]string, starts bool) {
	from, exists := nodes[ends[0]]
	to, also := nodes[ends[1]]
	if !exists || !also {
		return
	}
	e := edge{Starts: starts, Busy: to.Tone == busy || from.Tone == busy}
	middle := func(n node) int { return n.Y + n.Height/2 }
	switch {
	case to.X < from.X || to.Y > from.Y && to.X-from.X > columnPitch: // Between two rows.
		gap := (from.Y + from.Height + to.Y) / 2
		e.Path = fmt.Sprintf("M%d %dV%dH%dV%d", from.X+from.Width/2, from.Y+from.Height, gap, to.X+to.Width/2, to.Y)
	case starts && from.Y != to.Y: // From below.
		e.Path = fmt.Sprintf("M%d %dH%dQ%d %d %d %dV%d", from.X+from.Width, middle(from), to.X+to.Width/2-14,
			to.X+to.Width/2, middle(from), to.X+to.Width/2, middle(from)-14, to.Y+to.Height)
	default:
		x1, y1, x2, y2 := from.X+from.Width, middle(from), to.X, middle(to)
		bend := min((x2-x1)/2, 40)
		e.Path = fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2)
	}
	p.Edges = append(p.Edges, e)
}
