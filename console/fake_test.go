package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"store-events/ops"
)

// fake is a stack with fixed content.
type fake struct {
	status    ops.Status
	runs      []ops.RunRecord // Newest first.
	manifests map[string]ops.RunManifest
	logs      map[string]ops.JobRun
	objects   []ops.QuarantinedObject
	entries   []ops.QuarantineEntry // Same for every object.
	catalog   []ops.CatalogTable
	object    ops.ObjectLineage
	event     ops.EventLineage
	result    ops.FirstRows
	verified  ops.Verification
	err       error // Returned by every call.

	mu         sync.Mutex
	replayed   []string // Lines given to ReplayFile.
	statements []string
	replay     func(context.Context) error
}

func (f *fake) Status(context.Context) (ops.Status, error) { return f.status, f.err }

func (f *fake) RunsBefore(_ context.Context, before, limit int) (ops.RunsPage, error) {
	page := ops.RunsPage{Runs: []ops.RunRecord{}, Total: len(f.runs)}
	for _, r := range f.runs {
		if (before == 0 || r.Number < before) && len(page.Runs) < limit {
			page.Runs = append(page.Runs, r)
		}
	}
	return page, f.err
}

func (f *fake) Run(_ context.Context, number int) (ops.RunRecord, error) {
	for _, r := range f.runs {
		if r.Number == number {
			return r, f.err
		}
	}
	return ops.RunRecord{}, fmt.Errorf("%w %d", ops.ErrNoRun, number)
}

func (f *fake) Manifest(_ context.Context, run, only string) (ops.RunManifest, error) {
	m, exists := f.manifests[run]
	if !exists {
		return m, errors.New("run " + run + " has no manifest")
	}
	if only != "" {
		chosen := []ops.ManifestObject{}
		for _, o := range m.Objects {
			if o.Outcome == only {
				chosen = append(chosen, o)
			}
		}
		m.Objects = chosen
	}
	return m, f.err
}

func (f *fake) JobRun(_ context.Context, id string, _ int) (ops.JobRun, error) {
	run, exists := f.logs[id]
	if !exists {
		return run, fmt.Errorf("%w %s", ops.ErrNoRun, id)
	}
	return run, f.err
}

func (f *fake) QuarantinePage(_ context.Context, stream string, after, limit int) (ops.QuarantinePage, error) {
	var page ops.QuarantinePage
	for _, o := range f.objects {
		if stream == "" || strings.HasPrefix(o.Object, stream+"/") {
			page.Objects = append(page.Objects, o)
			page.Lines += o.Lines
		}
	}
	page.Versions = len(page.Objects)
	page.Objects = page.Objects[min(after, page.Versions):min(after+limit, page.Versions)]
	return page, f.err
}

func (f *fake) QuarantineLines(_ context.Context, object, version string, after, limit int) (ops.QuarantineLines, error) {
	return ops.QuarantineLines{
		Object: object, Version: version, Total: len(f.entries), Entries: f.entries[min(after, len(f.entries)):min(after+limit, len(f.entries))],
	}, f.err
}

func (f *fake) QuarantineLine(_ context.Context, _, _ string, line int) (ops.QuarantineEntry, error) {
	for _, e := range f.entries {
		if e.Has(line) {
			return e, f.err
		}
	}
	return ops.QuarantineEntry{}, ops.ErrNoLine
}

func (f *fake) Replay(ctx context.Context) (ops.ReplayResult, error) {
	if f.replay != nil {
		if err := f.replay(ctx); err != nil {
			return ops.ReplayResult{}, err
		}
	}
	return ops.ReplayResult{Objects: 2, Lines: 3, Loaded: 1, Stay: 2, Gone: 4}, f.err
}

func (f *fake) Verify(context.Context) (ops.Verification, error) {
	return f.verified, f.err
}

func (f *fake) ReplayFile(_ context.Context, r ops.ReplayFileRequest) (ops.ReplayFileResult, error) {
	text, err := io.ReadAll(r.File)
	if err != nil {
		return ops.ReplayFileResult{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.replayed = append(f.replayed, r.Stream+"|"+r.Day+"|"+string(text))
	return ops.ReplayFileResult{Objects: []string{"sale_events/dt=2026-05-01/replay-1.json"}, Events: 1, New: 1}, f.err
}

func (f *fake) ObjectLineage(_ context.Context, object string, _ int) (ops.ObjectLineage, error) {
	l := f.object
	l.Object = object
	return l, f.err
}

func (f *fake) EventLineage(_ context.Context, key string) (ops.EventLineage, error) {
	l := f.event
	l.Key = key
	return l, f.err
}

func (f *fake) Catalog(context.Context) ([]ops.CatalogTable, error) { return f.catalog, f.err }

func (f *fake) NamedQueries(context.Context) ([]ops.NamedQuery, error) {
	return []ops.NamedQuery{{Name: "sales-by-store", Description: "Sum of the sales of each store", SQL: "select store_id, sum(sales)\nfrom curated_sales_txns\ngroup by store_id"}}, f.err
}

func (f *fake) AthenaFirst(_ context.Context, sql string, _ int) (ops.FirstRows, error) {
	return f.ran(sql)
}

func (f *fake) QueryFirst(_ context.Context, sql string, _ int) (ops.FirstRows, error) {
	return f.ran(sql)
}

func (f *fake) ran(sql string) (ops.FirstRows, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.statements = append(f.statements, sql)
	return f.result, f.err
}

// clock is the current time in all tests of pages.
func clock() time.Time { return time.Date(2026, 5, 1, 12, 0, 3, 0, time.UTC) }

const (
	saleKey  = "sale_events/dt=2026-05-01/events-1.json"
	stockKey = "inventory_events/dt=2026-05-01/events-2.json.gz"
	version1 = "9b74c9897bac770ffc029102a200c5de"
	eventKey = "0f8fad5b-d9cb-469f-a165-70867728950e"
)

func newRun(number int, outcome string) ops.RunRecord {
	r := ops.RunRecord{
		Number: number, ID: fmt.Sprintf("jr_%06d", number), Started: "2026-05-01 11:58:00", Ended: "2026-05-01 11:58:12", Outcome: outcome,
		Seconds: 12.3, RowsRead: 2001 + number%7*120, RowsDuplicate: number % 5 * 40, RowsQuarantined: 1,
	}
	r.RowsNew = r.RowsRead - r.RowsDuplicate - r.RowsQuarantined
	if outcome == ops.RunUnderWay {
		r.Ended, r.Seconds = "", 0
	}
	return r
}

// newStack returns a stack after `storeevents demo`.
func newStack() *fake {
	f := &fake{manifests: map[string]ops.RunManifest{}, logs: map[string]ops.JobRun{}}
	for number := 12; number > 0; number-- {
		f.addRun(newRun(number, "succeeded"))
	}
	counts := func(what string, n int) []ops.Count { return []ops.Count{{What: what, N: n}} }
	f.status = ops.Status{Stack: "test", Region: "us-east-1", Runs: f.runs[:5], Parts: []ops.Part{
		{Kind: "bucket", Name: "store-events-test", State: "available", Detail: "12 objects in sale_events, 9 objects in inventory_events",
			Counts: []ops.Count{{What: "sale_events", N: 12}, {What: "inventory_events", N: 9}}},
		{Kind: "producer", Name: "producer", State: "Active", Detail: "256 MB, at most 60 s"},
		{Kind: "crawler", Name: "sale_txns_crawler", State: "READY", Detail: "last crawl SUCCEEDED, 2026-05-01T11:57:00Z"},
		{Kind: "catalog", Name: "sales_db", State: "available", Detail: "3 tables", Counts: counts("tables", 3)},
		{Kind: "job", Name: "s3-to-rds-ingestor", State: "SUCCEEDED", Detail: "run jr_000012, 2026-05-01T11:58:00Z, 12 s"},
		{Kind: "workflow", Name: "hourly", State: "COMPLETED", Detail: "run wr_1, 2026-05-01T11:57:00Z"},
		{Kind: "database", Name: "db", State: "available", Detail: "MySQL 9.7.4 (RDS mysql 8.4.5), db.t4g.micro at 127.0.0.1:13306"},
		{Kind: "table", Name: "sales_txns_tbl", State: "available", Detail: "24210 rows", Counts: counts("rows", 24210)},
		{Kind: "parquet", Name: "curated_sales_txns", State: "available", Detail: "21 objects", Counts: counts("objects", 21)},
		{Kind: "quarantine", Name: "quarantine/", State: "available", Detail: "12 lines of 3 object versions", Counts: counts("lines", 12)},
		{Kind: "consumer", Name: "i-0abc", State: "running", Detail: "t3.micro"},
		{Kind: "workgroup", Name: "store-events", State: "ENABLED", Detail: "4 named queries", Counts: counts("named queries", 4)},
		{Kind: "alarms", Name: "test", State: "OK", Detail: "0 of 13 alarms fire", Counts: []ops.Count{{What: "alarms", N: 13}, {What: "firing", N: 0}}},
		{Kind: "queue", Name: "starts", State: "available", Detail: "2 messages, 0 of them in flight", Counts: counts("messages", 2)},
		{Kind: "dead letters", Name: "starts-dead", State: "available", Detail: "empty", Counts: counts("messages", 0)},
		{Kind: "starter", Name: "starter", State: "Active", Detail: "polling of the queue: enabled"},
	}}
	f.verified = ops.Verification{Objects: 21, Lines: 24222, Events: 24210, Invalid: 12, Rows: 24210, ParquetRows: 24210, Quarantined: 12}
	f.objects = []ops.QuarantinedObject{
		{Object: saleKey, Version: version1, Lines: 3, Reasons: map[string]int{"bad_field:sales": 2, "not_json_object": 1}, Current: true},
		{Object: stockKey, Version: "5d41402abc4b2a76b9719d911017c592", Lines: 9, Reasons: map[string]int{"not_utf8": 9}},
	}
	f.entries = []ops.QuarantineEntry{
		{Reason: "bad_field:sales", Object: "s3://events/" + saleKey, Version: version1, Number: 4, Line: `{"request_id":"` + eventKey + `","event_type":"sale_event","sales":"ten"}`,
			Explanation: `sales: "ten" is not decimal(12,2)`, InTable: true},
		{Reason: "not_utf8", Object: "s3://events/" + saleKey, Version: version1, Number: 9, Line: "b\ufffdd", Base64: []byte("b\xe2\x82d")},
		{Reason: "not_json_object", Object: "s3://events/" + saleKey, Version: version1, Number: 11, Last: 40, Lines: 30, Line: "no event"},
	}
	f.catalog = []ops.CatalogTable{{
		Table: ops.Table{Name: "txns_sale_events", Location: "s3://events/sale_events/", Columns: 3, Partitions: 2}, Format: "json", Updated: clock(),
		Schema: []ops.CatalogColumn{{Name: "request_id", Type: "string"}, {Name: "sales", Type: "double"}, {Name: "dt", Type: "string", Partition: true}},
		History: []ops.SchemaVersion{
			{Version: 1, Updated: clock(), Changes: []string{"sales: bigint became double"}},
			{Version: 0, Updated: clock(), Changes: []string{"the oldest version kept, with 3 columns"}},
		},
	}, {Table: ops.Table{Name: "curated_sales_txns"}, NoHistory: "not served here"}}
	batch := int64(12*100_000_000 + 3)
	day := ops.BatchDay{Batch: batch, Run: 12, Day: "2026-05-01", Rows: 1990, Parquet: "curated/dt=2026-05-01/batch_id=1200000003/rows.parquet", Written: true}
	ranges := []ops.LineRange{{
		Object: saleKey, Version: version1, FirstLine: 1, LastLine: 2000, Lines: 2000, Quarantined: 3, Complete: true, Batch: batch, Run: 12, RunID: "jr_000012",
		BatchRead: 2000, BatchNew: 1990, BatchDuplicate: 7, Committed: "2026-05-01 11:58:10", Parquet: "2026-05-01 11:58:11",
	}}
	place := ops.EventPlace{Object: saleKey, Version: version1, Line: 1, Key: eventKey, Batch: batch, Run: 12}
	f.object = ops.ObjectLineage{Version: version1, Table: "sales_txns_tbl", Ranges: ranges, Days: []ops.BatchDay{day}, More: true,
		Events: []ops.EventPlace{place, {Object: saleKey, Version: version1, Line: 4, Reason: "bad_field:sales"}}}
	f.event = ops.EventLineage{Stored: &day, Ranges: ranges, Places: []ops.EventPlace{place},
		Row: ops.Rows{Columns: []string{"request_id", "sales", "extra"}, Rows: [][]ops.Cell{{{Text: eventKey}, {Text: "12.50"}, {Null: true}}}}}
	f.result = ops.FirstRows{Rows: ops.Rows{Columns: []string{"store_id", "sum"}, Rows: [][]ops.Cell{
		{{Text: "store_1"}, {Text: "1253.17"}}, {{Text: "store_2"}, {Text: "820.40"}}, {{Text: "store_3"}, {Text: "2210.00"}},
	}}}
	return f
}

func (f *fake) addRun(r ops.RunRecord) {
	f.runs = append(f.runs, r)
	m := ops.RunManifest{
		RunID: r.ID, RunNumber: r.Number, Outcome: r.Outcome, RowsRead: r.RowsRead, RowsNew: r.RowsNew, CompleteBefore: 19,
		Findings: []ops.RunFinding{{Finding: "unexpected_table", About: "txns_other", Detail: "no stream has this folder"}},
		Expectations: []ops.RunExpectation{
			{About: "sales", Expectation: "min", Expected: "0", Observed: "0.5", Outcome: "met"},
			{About: "qty", Expectation: "max", Expected: "10000", Observed: "12000", Outcome: "failed"},
		},
		Outcomes: map[string]int{"loaded": 1, "archived": 1},
		Objects: []ops.ManifestObject{
			{Object: "s3://events/" + stockKey, Outcome: "archived", Detail: "restore it first"},
			{Object: "s3://events/" + saleKey, Version: version1, Size: 412_345, Outcome: "loaded", Lines: 2000, Quarantined: 3},
		},
	}
	if r.Outcome != ops.RunUnderWay && r.Outcome != "died" {
		f.manifests[r.ID] = m
	}
	f.logs[r.ID] = ops.JobRun{
		ID: r.ID, State: "SUCCEEDED", Started: clock(), Seconds: 12, LogGroup: "/aws-glue/jobs/output",
		Log: []string{"11:58:02 the run begins", "11:58:12 2001 lines read"},
	}
}

// newFailedStack returns a stack whose last run failed, and whose run before that was killed.
func newFailedStack() *fake {
	f := newStack()
	failed, died := newRun(14, "failed"), newRun(13, "died")
	died.Ended, died.RowsRead = "", 0
	died.RowsNew, died.RowsDuplicate, died.RowsQuarantined = 0, 0, 0
	older := f.runs
	f.runs = nil
	f.addRun(failed)
	f.addRun(died)
	f.runs = append(f.runs, older...)
	m := f.manifests[failed.ID]
	m.Error = "BatchError: 3 of 10 lines are invalid, more than max_invalid_share"
	f.manifests[failed.ID] = m
	f.logs[failed.ID] = ops.JobRun{ID: failed.ID, State: "FAILED", Error: "Command failed with exit code 1", Log: []string{"Traceback (most recent call last):", "BatchError"}}
	f.status.Runs = f.runs[:5]
	f.verified.MissingRows = ops.Findings{Total: 1, First: []ops.Finding{{Key: eventKey, Detail: "no row"}}}
	for i, p := range f.status.Parts {
		switch p.Kind {
		case "job":
			f.status.Parts[i].RunID = failed.ID
			f.status.Parts[i].State, f.status.Parts[i].Detail = "FAILED", "run jr_000014, 2026-05-01T11:58:00Z, 12 s: Command failed with exit code 1"
		case "alarms":
			f.status.Parts[i].State, f.status.Parts[i].Detail = "ALARM", "1 of 13 alarms fire: test-run-failed"
			f.status.Parts[i].Counts[1].N = 1
		case "dead letters":
			f.status.Parts[i].Detail, f.status.Parts[i].Counts = "3 messages, 0 of them in flight", []ops.Count{{What: "messages", N: 3}}
		case "consumer":
			f.status.Parts[i] = ops.Part{Kind: "consumer", Name: "i-0abc", State: ops.StateError, Detail: "the service does not answer"}
		}
	}
	return f
}

// newLargeStack returns a stack with 1,000 runs and 10,000 quarantined lines in 1,000
// versions, with 10,000 entries each.
func newLargeStack() *fake {
	f := newStack()
	f.runs = nil
	for number := 1000; number > 0; number-- {
		f.addRun(newRun(number, "succeeded"))
	}
	f.runs[0].Outcome = ops.RunUnderWay
	f.status.Runs = f.runs[:5]
	f.objects, f.entries = nil, nil
	for i := range 1000 {
		f.objects = append(f.objects, ops.QuarantinedObject{
			Object: fmt.Sprintf("sale_events/dt=2026-05-01/events-%04d.json", i), Version: version1, Lines: 10,
			Reasons: map[string]int{"not_json_object": 10}, Current: true,
		})
	}
	for i := range 10_000 {
		f.entries = append(f.entries, ops.QuarantineEntry{Reason: "not_json_object", Number: i + 1, Line: "no event " + strconv.Itoa(i)})
	}
	return f
}

func newEmptyStack() *fake {
	f := newStack()
	f.runs, f.objects, f.entries, f.catalog = nil, nil, nil, nil
	f.manifests, f.logs = nil, nil
	f.object, f.event, f.result = ops.ObjectLineage{}, ops.EventLineage{}, ops.FirstRows{}
	f.status.Runs = nil
	for i, p := range f.status.Parts {
		switch p.Kind {
		case "table":
			f.status.Parts[i] = ops.Part{Kind: "table", Name: p.Name, State: "missing", Detail: "the first ingest creates it"}
		case "bucket", "parquet", "quarantine", "catalog":
			for j := range p.Counts {
				f.status.Parts[i].Counts[j].N = 0
			}
			f.status.Parts[i].Detail = "empty"
		case "crawler":
			f.status.Parts[i].Detail = "never run"
		case "job", "workflow":
			f.status.Parts[i].State, f.status.Parts[i].Detail = "READY", "never run"
		}
	}
	return f
}

// hostile is text that pages must escape.
const hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>\x1b[31m\x00\u202e\xff{{.}}javascript:alert(1)"

// newHostileStack returns a stack with hostile text in all values that come from outside the project.
func newHostileStack() *fake {
	f := newStack()
	for i := range f.status.Parts {
		f.status.Parts[i].Detail = hostile
		f.status.Parts[i].Name, f.status.Parts[i].RunID = hostile, hostile
	}
	for i := range f.objects {
		f.objects[i].Object, f.objects[i].Reasons = "sale_events/"+hostile, map[string]int{hostile: 1}
	}
	for i := range f.entries {
		f.entries[i].Line, f.entries[i].Base64, f.entries[i].Reason, f.entries[i].Explanation = hostile, []byte(hostile), hostile, hostile
	}
	for id, m := range f.manifests {
		m.Expectations = []ops.RunExpectation{{About: hostile, Expectation: hostile, Expected: hostile, Observed: hostile, Outcome: hostile}}
		m.Error, m.Findings = hostile, []ops.RunFinding{{Finding: hostile, About: hostile, Detail: hostile}}
		m.Objects = []ops.ManifestObject{{Object: "s3://events/" + hostile, Version: hostile, Outcome: hostile, Detail: hostile, Quarantined: 1}}
		m.Outcomes = map[string]int{hostile: 1}
		f.manifests[id] = m
		f.logs[id] = ops.JobRun{ID: id, State: hostile, Error: hostile, LogGroup: hostile, Log: []string{hostile}}
	}
	f.object.Version, f.object.Unread, f.object.Ranges[0].Version, f.object.Ranges[0].Object = hostile, hostile, hostile, hostile
	f.object.Events[0].Key, f.object.Events[1].Reason, f.object.Days[0].Parquet = hostile, hostile, hostile
	f.event.Places, f.event.Row = nil, ops.Rows{Columns: []string{hostile}, Rows: [][]ops.Cell{{{Text: hostile}}}}
	f.result = ops.FirstRows{Rows: ops.Rows{Columns: []string{hostile, "n"}, Rows: [][]ops.Cell{{{Text: hostile}, {Text: "1"}}, {{Text: hostile}, {Text: "2"}}}}}
	f.catalog[0].Name, f.catalog[0].Location, f.catalog[0].Format, f.catalog[1].NoHistory = hostile, hostile, hostile, hostile
	f.catalog[0].Schema[0] = ops.CatalogColumn{Name: hostile, Type: hostile, Comment: hostile}
	f.catalog[0].History[0].Changes = []string{hostile}
	return f
}

func hostileChecks(context.Context) (Checks, error) {
	v := []Violation{{hostile, "mandatory", "critical", hostile, hostile}}
	return Checks{Resources: 1, Mandatory: 1, Violations: v, Undecided: v,
		Cost: &Cost{Total: 61, PricesOf: hostile, Items: []CostItem{{hostile, hostile, hostile, 61}}, Unpriced: []string{hostile}}}, nil
}

func someChecks(context.Context) (Checks, error) {
	return Checks{
		Resources: 154, Advisory: 2,
		Violations: []Violation{
			{"rds-multi-az", "advisory", "high", "aws:rds/instance:Instance db", "The database has no standby.\nWhy: a zone can fail.\nFix: set databaseMultiAz."},
			{"ec2-detailed-monitoring", "advisory", "low", "aws:ec2/instance:Instance consumer", "Detailed monitoring is off."},
		},
		Cost: &Cost{Total: 61.07, PricesOf: "2026-06-30", Items: []CostItem{{"NAT gateways", "nat", "", 32.85}, {"database", "db", "db.t4g.micro", 11.68}}, Unpriced: []string{"queue: no price"}},
	}, nil
}
