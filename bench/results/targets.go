package results

import (
	"fmt"
	"strings"
)

// target is a value that the job must reach: a minimum, or a maximum if `most` is set.
type target struct {
	what  string
	goal  float64
	most  bool
	value func(*Results) float64 // 0 if it was not measured.
	form  string
}

func targets() []target {
	over := func(way string) func(*Results) float64 {
		return func(r *Results) float64 { return r.faster(Job, way) }
	}
	used := func(process string) func(*Results) float64 {
		return func(r *Results) float64 { w, _ := r.way(Job); return w.Processor[process] }
	}
	ratio := func(value, over float64) float64 {
		if over > 0 {
			return value / over
		}
		return 0
	}
	read := func(curve string) func(*Results) float64 {
		return func(r *Results) float64 { return ratio(r.last(curve, Job).Rate, r.last(curve, Plain).Rate) }
	}
	const times, seconds, mb = "%.1f times", "%.1f s", "%.0f MB"
	return []target{
		{"text files and `LOAD DATA`", 2, false, over(TwoStep), times},
		{"append by JDBC", 6, false, over(Append), times},
		{"append by JDBC, 1 ms from the database", 40, false, func(r *Results) float64 {
			return ratio(r.at(ByDelay, Job, 1), r.at(ByDelay, Append, 1))
		}, times},
		{"awswrangler `to_sql`", 4, false, over(AWSWrangler), times},
		{"dlt append", 12, false, over(DLT), times},
		{"`spark.read.json` of one-event objects", 20, false, read(ByObjects), times},
		{"the same, 15 ms from S3", 20, false, read(ByObjectsS3), times},
		{"one large object on two cores, over one core", 1.7, false, func(r *Results) float64 {
			return ratio(r.last(ByObject, Job).Rate, r.last(ByOneCore, Job).Rate)
		}, "%.2f times"},
		{"CPU time of the workers for a million rows", 3.5, true, used("workers"), seconds},
		{"CPU time of the database", 5, true, used("database"), seconds},
		{"a large table: last rate / first rate", 0.5, false, func(r *Results) float64 {
			g := r.growth(Present)
			if len(g) < 2 {
				return 0
			}
			return g[len(g)-1].Rate / g[0].Rate
		}, "%.2f"},
		{"memory of the largest worker, in any measurement", 512, true, (*Results).workerMB, mb},
	}
}

func (r *Results) workerMB() float64 {
	w, _ := r.way(Job)
	most := w.WorkerMB
	for _, p := range r.Curves.Points {
		most = max(most, p.WorkerMB)
	}
	return most
}

func (r *Results) targetTable() string {
	var b strings.Builder
	b.WriteString("| target | to reach | measured | reached |\n| --- | --- | --- | --- |\n")
	for _, t := range targets() {
		value := t.value(r)
		bound, measured, reached := "at least ", "not measured", "—"
		if t.most {
			bound = "at most "
		}
		if value > 0 {
			measured = fmt.Sprintf(t.form, value)
			reached = map[bool]string{true: "yes", false: "no"}[(value >= t.goal) != t.most || value == t.goal]
		}
		goal := trim(t.goal) + strings.TrimLeft(t.form, "%.0123456789f")
		fmt.Fprintf(&b, "| %s | %s%s | %s | %s |\n", t.what, bound, goal, measured, reached)
	}
	return b.String()
}
