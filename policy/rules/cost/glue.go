package cost

import (
	"fmt"

	"store-events/policy/price"
	"store-events/policy/rule"
)

// Assumptions about a run with little data. A crawl is billed for at least ten minutes.
const (
	crawlMinutes = 10
	crawlDPU     = 2
	jobMinutes   = 2
	// leastWorkers is a driver and one executor, the minimum with auto scaling, which
	// bills only the current workers:
	// https://docs.aws.amazon.com/glue/latest/dg/auto-scaling.html
	leastWorkers = 2
)

func crawler(e *estimator, r rule.Resource) {
	runs, findings := runsOf(e.stack, r, "crawlerName")
	scheduled, err := perMonth(r.Get("schedule"))
	e.doubt(append(findings, rule.Unreadable(err)...))
	e.work(work{"scheduled crawls", price.GlueDPU, runs + scheduled, crawlDPU, crawlMinutes}, r)
}

// perWorker is the number of DPUs of a worker.
var perWorker = map[string]float64{"Standard": 1, "G.025X": 0.25, "G.1X": 1, "G.2X": 2, "G.4X": 4, "G.8X": 8}

func job(e *estimator, r rule.Resource) {
	runs, findings := runsOf(e.stack, r, "jobName")
	e.doubt(findings)
	if runs == 0 {
		return
	}
	workers, workersKnown := e.number(r.Get("numberOfWorkers"))
	kind, kindKnown := e.text(r.Get("workerType"))
	if !workersKnown || !kindKnown {
		return
	}
	version, versionKnown := e.text(r.Get("glueVersion"))
	if !versionKnown {
		return
	}
	scaling, _ := e.text(r.Get("defaultArguments", "--enable-auto-scaling"))
	if scaling == "true" {
		workers = min(workers, leastWorkers)
	}
	size, known := perWorker[kind]
	if !known || workers == 0 {
		e.doubt(rule.Undecidable(r.Get("workerType"), "the number of DPUs of a run is not known"))
		return
	}
	e.work(work{"scheduled job runs", price.GlueJobDPU(version), runs, workers * size, jobMinutes}, r)
	e.metricsOf(r, runs)
	e.gluesOwn(r, runs)
}

// work is the monthly work of crawls or runs.
type work struct {
	group, item        string
	runs, dpu, minutes float64 // DPU and minutes of one run.
}

func (e *estimator) work(w work, r rule.Resource) {
	if w.runs > 0 {
		what := fmt.Sprintf("%.0f a month, each %.0f minutes of %g DPU", w.runs, w.minutes, w.dpu)
		e.charge(w.group, what, w.item, r.Get(), w.runs*w.dpu*w.minutes/60/price.HoursPerMonth)
	}
}
