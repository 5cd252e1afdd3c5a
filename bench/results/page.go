package results

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// about describes each way to load, and what it guarantees.
var about = map[string][2]string{
	Append:      {"append by JDBC, as the original loads", "no key: a second run, or a retried task, duplicates rows; times are rounded to seconds"},
	Rewrite:     {"the same with `rewriteBatchedStatements`", "as above"},
	AWSWrangler: {"awswrangler `mysql.to_sql`", "one transaction; the key, if the table has one, refuses a second run as a whole; no record of the load"},
	DLT:         {"dlt, append", "one transaction for each file of rows; a new run appends all objects again, which the key refuses; the state of the pipeline is committed separately from the rows"},
	TwoStep:     {"text files, then `LOAD DATA LOCAL`", "two transactions; the key refuses a second run; no record of the load"},
	Job:         {"**this job, with ledger, checks and Parquet**", "[each event exactly once](guarantees.md), after any failure"},
	Committed:   {"this job until its last row is committed", ""},
}

// Page returns the generated part of docs/benchmarks.md, and the charts by their
// file names.
func (r *Results) Page() (string, map[string]string) {
	charts := r.charts()
	var b strings.Builder
	fmt.Fprintf(&b, "Measured by `%s` on %s, with %s.\n\n## Targets\n\n", r.Command, r.Date, r.machine())
	if r.Size == Tiny {
		b.WriteString("**These figures only show that the benchmark works**: so few events, on a busy machine, measure how long " +
			"things take to start. `make bench` replaces them.\n\n")
	}
	b.WriteString(r.targetTable())
	b.WriteString(r.sizes())
	fmt.Fprintf(&b, "\n## Ways to load\n\nMedians of %d, %d gzip objects, no network between job and database.\n\n", r.Load.Repeats, r.Load.Objects)
	b.WriteString(r.wayTable())
	for _, c := range charts {
		fmt.Fprintf(&b, "\n## %s\n\n%s\n\n![%s](benchmarks/%s)\n", c.title, c.text, c.title, c.file)
		fmt.Fprintf(&b, "\n%s:\n\n%s", upperFirst(c.y), r.pointTable(c))
	}
	files := map[string]string{}
	for _, c := range charts {
		files[c.file] = c.svg()
	}
	return b.String(), files
}

// sizes describes how much each side of a ratio loads, and how long that takes, where a slow
// way loads less: fixed time, such as Spark's planning, matters more in a short load.
func (r *Results) sizes() string {
	var b strings.Builder
	compare := func(text string, slow, job Point) {
		if slow.Rate > 0 && job.Rate > 0 {
			fmt.Fprintf(&b, text, thousands(float64(slow.Rows)), float64(slow.Rows)/slow.Rate, thousands(float64(job.Rows)), float64(job.Rows)/job.Rate)
		}
	}
	compare("\nWith 1 ms to the database, the append by JDBC loads %s rows in %.1f s, and the job %s in %.1f s.\n",
		r.point(ByDelay, Append, 1), r.point(ByDelay, Job, 1))
	compare("\n`spark.read.json` reads %s objects of one event in %.1f s, and the job %s in %.1f s.\n",
		r.last(ByObjects, Plain), r.last(ByObjects, Job))
	b.WriteString(r.bySize())
	return b.String()
}

// bySize describes how the ratio to text files and LOAD DATA depends on the number of rows.
func (r *Results) bySize() string {
	var ratios []string
	for _, p := range r.points(ByRows, TwoStep) {
		ratios = append(ratios, fmt.Sprintf("%.1f with %s rows", r.at(ByRows, Job, p.X)/p.Rate, thousands(p.X)))
	}
	if len(ratios) == 0 {
		return ""
	}
	if way, ok := r.way(TwoStep); ok {
		ratios = append(ratios, fmt.Sprintf("%.1f with %s", r.faster(Job, TwoStep), thousands(float64(way.Rows))))
	}
	return "\nThe throughput of text files and `LOAD DATA` depends on the number of rows: with few rows Spark's fixed time dominates, with many " +
		"the index of the table outgrows the buffer pool. The job is faster by these factors: " + strings.Join(ratios, ", ") + ".\n"
}

func (r *Results) machine() string {
	m := r.Load.Machine
	text := fmt.Sprintf("%v cores that Spark %v, the workers and %v share (buffer pool %v MiB, flush at commit %v), Python %v, %v",
		m["cores"], m["spark"], m["database"], m["database_buffer_pool_mib"], m["database_flush_at_commit"], m["python"], m["system"])
	versions := map[string]string{}
	for _, w := range r.Load.Ways {
		maps.Copy(versions, w.Versions)
	}
	for _, name := range slices.Sorted(maps.Keys(versions)) {
		text += ", " + name + " " + versions[name]
	}
	return text
}

func (r *Results) wayTable() string {
	var b strings.Builder
	b.WriteString("| way | rows | rows/s | this job is faster | CPU seconds for a million rows | guarantees |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, w := range r.Load.Ways {
		description, faster := about[w.Name], ""
		if w.Name != Job && w.Name != Committed {
			faster = fmt.Sprintf("%.1f times", r.faster(Job, w.Name))
		}
		var used []string
		for _, process := range slices.Sorted(maps.Keys(w.Processor)) {
			if s := w.Processor[process]; s >= 0.05 {
				used = append(used, fmt.Sprintf("%s %.1f", process, s))
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", description[0], thousands(float64(w.Rows)), thousands(w.Rate), faster, strings.Join(used, ", "), description[1])
	}
	return b.String()
}

// titledChart is a chart with its title, file and caption.
type titledChart struct {
	chart
	file, text string
}

func (r *Results) charts() []titledChart {
	rate := func(p Point) float64 { return p.Rate }
	memory := func(p Point) float64 { return p.WorkerMB }
	of := func(name, curve, way string, value func(Point) float64) line {
		return line{name, r.points(curve, way), value}
	}
	out := []titledChart{
		{chart{"Number of events", "events", "events a second", true, false, []line{
			of("this job", ByRows, Job, rate), of("text, LOAD DATA", ByRows, TwoStep, rate),
		}}, "rows.svg", "A whole run, 16 gzip objects. Fixed costs dominate a small run: Spark's planning, connections, ledger, Parquet. " +
			"The text files are loaded, unsorted, into a table with the key `request_id`: once the table is larger than the buffer " +
			"pool, each row reads a page and writes one."},
		{chart{"Many small objects", "objects of one event", "objects a second", true, true, []line{
			of("this job", ByObjects, Job, rate), of("this job, S3 at 15 ms", ByObjectsS3, Job, rate),
			of("Spark reads", ByObjects, Plain, rate), of("Spark reads, 15 ms", ByObjectsS3, Plain, rate),
		}}, "objects.svg", "Spark reads the same folder with `spark.read.json` and discards the rows; the job's time is that of its whole run. " +
			"A local server serves the objects, after 0 or 15 ms."},
		{chart{"One large object", "events in the object", "events a second", true, false, []line{
			of("this job", ByObject, Job, rate), of("this job on one core", ByOneCore, Job, rate),
		}}, "object.svg", "One object of plain JSON lines, about 290 bytes each, whose parts several workers load. One core means for all: " +
			"Spark, workers and database."},
		{chart{"Distance to the database", "ms of a round trip", "events a second", false, true, []line{
			of("this job", ByDelay, Job, rate), of("text, LOAD DATA", ByDelay, TwoStep, rate),
			of("JDBC, rewrite", ByDelay, Rewrite, rate), of("JDBC append", ByDelay, Append, rate),
		}}, "delay.svg", "A proxy delays the responses of the database. The ways load different numbers of rows: " + r.delayRows() +
			". With few rows, the fixed time of a load dominates (Spark's planning, the connections), so compare " +
			"the rows of a column; two columns compare the ways only roughly."},
		{chart{"Size of the table", "rows in the table", "rows a second", false, false, []line{
			{"this release", r.growth(Present), rate}, {"earlier releases", r.growth(Former), rate},
		}}, "table.svg", "Two tasks load sorted rows, without Spark, into a table that grows; buffer pool 128 MiB, binary log on."},
		{chart{"Memory", "events", "MB of the largest worker", true, false, []line{
			of("16 objects", ByRows, Job, memory), of("one object", ByObject, Job, memory), of("one event each", ByObjects, Job, memory),
		}}, "memory.svg", "The maximum resident memory of a Python worker."},
	}
	return slices.DeleteFunc(out, func(c titledChart) bool {
		return slices.ContainsFunc(c.lines, func(l line) bool { return len(l.points) == 0 })
	})
}

// delayRows describes how many rows each way loads at a distance from the database.
func (r *Results) delayRows() string {
	var ways []string
	for _, way := range []struct{ name, way string }{
		{"JDBC append", Append}, {"JDBC, rewrite", Rewrite}, {"text, LOAD DATA", TwoStep}, {"this job", Job},
	} {
		var rows []string
		for _, p := range r.points(ByDelay, way.way) {
			rows = append(rows, thousands(float64(p.Rows)))
		}
		ways = append(ways, way.name+" "+strings.Join(slices.Compact(rows), " or "))
	}
	return strings.Join(ways, "; ")
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// pointTable returns the numbers of a chart as a table with a row for each X.
func (r *Results) pointTable(c titledChart) string {
	var xs []float64
	head, rule := "| "+c.x, "| ---"
	for _, l := range c.lines {
		head, rule = head+" | "+l.name, rule+" | ---"
		for _, p := range l.points {
			xs = append(xs, p.X)
		}
	}
	slices.Sort(xs)
	var b strings.Builder
	b.WriteString(head + " |\n" + rule + " |\n")
	for _, x := range slices.Compact(xs) {
		fmt.Fprintf(&b, "| %s", thousands(x))
		for _, l := range c.lines {
			cell := ""
			for _, p := range l.points {
				if p.X == x {
					cell = thousands(l.value(p))
				}
			}
			fmt.Fprintf(&b, " | %s", cell)
		}
		b.WriteString(" |\n")
	}
	return b.String()
}

// thousands formats a number without decimals, in groups of three digits.
func thousands(v float64) string {
	digits := fmt.Sprintf("%.0f", v)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
