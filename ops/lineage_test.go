package ops

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/ops/internal/ledger"
)

// rangesHeader are the columns that the ledger's query for ranges returns.
const rangesHeader = "source_object\tversion\tfirst_line\tlast_line\trows_read\trows_quarantined\tcomplete\tbatch_id\trun_id\t" +
	"rows_read\trows_new\trows_duplicate\tcommitted_at\tparquet_at\n"

func rangeLine(key, version string, first, last int) string {
	return fmt.Sprintf("s3://events/%s\t%s\t%d\t%d\t5\t1\t1\t%d\tjr_7\t8\t4\t2\t2026-05-01 10:00:00\t2026-05-01 10:00:01\n", key, version, first, last, now+1)
}

// lineage serves the tables' rows for the two objects a and b, which belong to batch
// 7·10⁸+1 and one day.
func (w *world) lineage(ranges ...string) {
	w.consumerAnswers(func(statement string) string {
		switch {
		case strings.Contains(statement, "information_schema.columns"):
			return "column_name\tcolumn_type\n" + strings.ReplaceAll(targetColumns, "\t", "\ttext\n") + "\ttext\n"
		case strings.Contains(statement, "from `etl_objects`"):
			return rangesHeader + strings.Join(ranges, "")
		case strings.Contains(statement, "count(*) from `sales_txns_tbl`"):
			return fmt.Sprintf("batch_id\tdt\tcount(*)\n%d\t2026-05-01\t2\n", now+1)
		case strings.HasPrefix(statement, "select * from `sales_txns_tbl`"):
			if !strings.Contains(statement, "'b'") {
				return "request_id\tdt\tbatch_id\n"
			}
			return fmt.Sprintf("request_id\tdt\tbatch_id\nb\t2026-05-01\t%d\n", now+1)
		case strings.Contains(statement, "from `sales_txns_tbl`"):
			return fmt.Sprintf("request_id\tbatch_id\na\t%d\nb\t%d\n", now+1, now+1)
		}
		return "count(*)\n0\n"
	})
}

func TestLineageOfAnObject(t *testing.T) {
	w := newWorld(t)
	version := etag(w.objects[saleObject])
	parquet := fmt.Sprintf("curated/dt=2026-05-01/batch_id=%d/rows.parquet", now+1)
	w.objects[parquet] = []byte("PAR1")
	w.lineage(rangeLine(saleObject, version, 1, 5))
	l, err := w.ObjectLineage(t.Context(), "s3://events/"+saleObject, 100)
	require.NoError(t, err)
	require.Equal(t, saleObject, l.Object)
	require.Equal(t, version, l.Version)
	require.Equal(t, []LineRange{{
		Object: saleObject, Version: version, FirstLine: 1, LastLine: 5, Lines: 5, Quarantined: 1, Complete: true,
		Batch: now + 1, Run: 7, RunID: "jr_7", BatchRead: 8, BatchNew: 4, BatchDuplicate: 2,
		Committed: "2026-05-01 10:00:00", Parquet: "2026-05-01 10:00:01",
	}}, l.Ranges)
	require.Equal(t, []BatchDay{{Batch: now + 1, Run: 7, Day: "2026-05-01", Rows: 2, Parquet: parquet, Written: true}}, l.Days)
	place := func(line int, key, reason string) EventPlace {
		p := EventPlace{Object: saleObject, Version: version, Line: line, Key: key, Reason: reason}
		if key != "" {
			p.Batch, p.Run = now+1, 7
		}
		return p
	}
	require.Equal(t, []EventPlace{place(1, "a", ""), place(3, "b", ""), place(4, "", "not_json_object"), place(5, "a", "")}, l.Events)
	require.False(t, l.More)

	l, err = w.ObjectLineage(t.Context(), saleObject, 2)
	require.NoError(t, err)
	require.Len(t, l.Events, 2)
	require.True(t, l.More)

	_, err = w.ObjectLineage(t.Context(), "scripts/job.py", 2)
	require.ErrorIs(t, err, ErrNoEventObject)
	require.ErrorContains(t, err, "scripts/job.py is not the key of an event object")
}

func TestLineageOfADeletedObject(t *testing.T) {
	w := newWorld(t)
	w.lineage(rangeLine("sale_events/gone.json", "v0", 1, 5))
	l, err := w.ObjectLineage(t.Context(), "sale_events/gone.json", 10)
	require.NoError(t, err)
	require.Empty(t, l.Version)
	require.Len(t, l.Ranges, 1)
	require.Empty(t, l.Events)
	require.False(t, l.Days[0].Written)
}

func TestLineageOfAnEvent(t *testing.T) {
	w := newWorld(t)
	version := etag(w.objects[saleObject])
	w.lineage(rangeLine(saleObject, version, 1, 5), rangeLine(stockObject, "overwritten", 1, 4))
	l, err := w.EventLineage(t.Context(), "b")
	require.NoError(t, err)
	require.Equal(t, []string{"request_id", "dt", "batch_id"}, l.Row.Columns)
	require.Equal(t, int64(now+1), l.Stored.Batch)
	require.Equal(t, []EventPlace{{Object: saleObject, Version: version, Line: 3, Key: "b", Batch: now + 1, Run: 7}}, l.Places)
	require.Equal(t, 1, l.NotSearched)

	l, err = w.EventLineage(t.Context(), "unknown")
	require.NoError(t, err)
	require.Empty(t, l.Row.Rows)
	require.Nil(t, l.Stored)
}

func TestLineageBeforeTheFirstRun(t *testing.T) {
	w := newWorld(t)
	w.consumerTables(nil)
	l, err := w.ObjectLineage(t.Context(), saleObject, 10)
	require.NoError(t, err)
	require.Empty(t, l.Ranges)
	require.Len(t, l.Events, 4)
	require.Zero(t, l.Events[0].Batch)
	e, err := w.EventLineage(t.Context(), "a")
	require.NoError(t, err)
	require.Nil(t, e.Stored)
}

func TestPageOfTheQuarantine(t *testing.T) {
	w := newWorld(t)
	sale, stock := etag(w.objects[saleObject]), etag(w.objects[stockObject])
	var asked, counted string
	w.consumerAnswers(func(statement string) string {
		if strings.Contains(statement, "count(distinct") {
			counted = statement
			return "lines\tversions\n12\t3\n"
		}
		asked = statement
		return fmt.Sprintf("source_object\tversion\tlines\tbatch\ns3://events/%s\t%s\t1\t%d\ns3://events/%s\t%s\t1\t%d\ns3://events/%s\told\t10\t1\n",
			saleObject, sale, now, stockObject, stock, now, saleObject)
	})
	page, err := w.QuarantinePage(t.Context(), "sale_events", 50, 25)
	require.NoError(t, err)
	require.Contains(t, asked, `like 's3://events/sale\\_events/%'`)
	require.Contains(t, counted, `like 's3://events/sale\\_events/%'`, "the counts are also limited to the stream")
	require.True(t, strings.HasSuffix(asked, "limit 25 offset 50"), asked)
	require.Equal(t, 12, page.Lines)
	require.Equal(t, 3, page.Versions)
	require.Len(t, page.Objects, 3)
	require.Equal(t, map[string]int{"not_json_object": 1}, page.Objects[0].Reasons)
	require.True(t, page.Objects[1].Current)
	require.Equal(t, "old", page.Objects[2].Version)
	require.Equal(t, 10, page.Objects[2].Lines)
	require.Empty(t, page.Objects[2].Reasons)

	_, err = w.QuarantinePage(t.Context(), "sales", 0, 1)
	require.ErrorContains(t, err, `"sales"`)
}

func TestPageOfQuarantinedLines(t *testing.T) {
	w := newWorld(t)
	var entries []QuarantineEntry
	for i := range 25 {
		entries = append(entries, QuarantineEntry{Reason: "bad_field:sales", Number: 25 - i, Line: `{"request_id":"a","sales":"ten"}`})
	}
	entries = append(entries, QuarantineEntry{Reason: "line_too_long", Number: 26, Part: 2})
	w.put(saleObject, []byte("many"), entries...)
	w.lineage()
	lines, err := w.QuarantineLines(t.Context(), saleObject, etag([]byte("many")), 20, 10)
	require.NoError(t, err)
	require.Equal(t, 25, lines.Total)
	require.Len(t, lines.Entries, 5)
	require.Equal(t, 21, lines.Entries[0].Number)
	require.Equal(t, `sales: "ten" is not decimal(12,2)`, lines.Entries[0].Explanation)
	require.True(t, lines.Entries[0].InTable)

	e, err := w.QuarantineLine(t.Context(), saleObject, etag([]byte("many")), 7)
	require.NoError(t, err)
	require.Equal(t, 7, e.Number)
	require.True(t, e.InTable)
	_, err = w.QuarantineLine(t.Context(), saleObject, etag([]byte("many")), 99)
	require.ErrorIs(t, err, ErrNoLine)

	lines, err = w.QuarantineLines(t.Context(), saleObject, etag([]byte("many")), 30, 10)
	require.NoError(t, err)
	require.Empty(t, lines.Entries)
	_, err = w.QuarantineLines(t.Context(), saleObject, "../x", 0, 10)
	require.Error(t, err)
}

func TestPageOfRuns(t *testing.T) {
	w := newWorld(t)
	var statements []string
	w.consumerAnswers(func(statement string) string {
		statements = append(statements, statement)
		switch {
		case strings.HasPrefix(statement, "select count(*) from `etl_runs`"):
			return "count(*)\n1000\n"
		case strings.Contains(statement, "etl_batches"):
			return "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t5\t1\t3\t1\n"
		}
		return "run_number\trun_id\tstarted\tended\toutcome\ttook\tread\tnew\tduplicate\tquarantined\n" +
			"949\tjr_949\t2026-05-01 10:00:00\t\trunning\t0\t0\t0\t0\t0\n"
	})
	page, err := w.RunsBefore(t.Context(), 950, 50)
	require.NoError(t, err)
	require.Equal(t, 1000, page.Total)
	require.Equal(t, 949, page.Runs[0].Number)
	require.True(t, strings.HasSuffix(statements[0], "from `etl_runs` where run_number < 950 order by run_number desc limit 50"), statements[0])

	run, err := w.Run(t.Context(), 949)
	require.NoError(t, err)
	require.Equal(t, 5, run.RowsRead, "a running run counts its batches")

	w.consumerTables(nil)
	page, err = w.RunsBefore(t.Context(), 0, 50)
	require.NoError(t, err)
	require.Equal(t, RunsPage{Runs: []RunRecord{}}, page)
	_, err = w.Run(t.Context(), 1)
	require.ErrorIs(t, err, ErrNoRun)
}

func TestJobRunWithItsLog(t *testing.T) {
	f, o := newFake(t)
	f.answers("GetJobRun", document{"JobRun": jobRun("jr_1", "FAILED", "no table")})
	f.answers("GetJob", document{"Job": document{"Name": "job"}})
	f.on["GetLogEvents"] = func(in document) any {
		require.EqualValues(t, 200, in["limit"])
		return document{"events": []any{document{"message": "first\n"}, document{"message": "last"}}}
	}
	run, err := o.JobRun(t.Context(), "jr_1", 200)
	require.NoError(t, err)
	require.Equal(t, "FAILED", run.State)
	require.Equal(t, "no table", run.Error)
	require.Equal(t, []string{"first", "last"}, run.Log)
	require.Equal(t, "/aws-glue/jobs/output", run.LogGroup, "the error log has Spark's warnings")
}

func TestCatalogWithItsHistory(t *testing.T) {
	f, o := newFake(t)
	table := func(columns ...string) document {
		list := []any{}
		for _, c := range columns {
			name, kind, _ := strings.Cut(c, " ")
			list = append(list, document{"Name": name, "Type": kind})
		}
		return document{
			"Name": "txns_sale_events", "TableType": "EXTERNAL_TABLE", "Parameters": document{"classification": "json"},
			"StorageDescriptor": document{"Location": "s3://events/sale_events/", "Columns": list},
			"PartitionKeys":     []any{document{"Name": "dt", "Type": "string"}},
		}
	}
	f.answers("GetTables", document{"TableList": []any{table("a int", "c string")}})
	f.answers("GetPartitions", document{"Partitions": []any{document{}, document{}}})
	versions := []any{}
	for i, v := range []document{table("a int", "c string"), table("a smallint", "b string"), table("a smallint")} {
		versions = append(versions, document{"VersionId": strconv.Itoa(2 - i), "Table": v})
	}
	f.answers("GetTableVersions", document{"TableVersions": versions})
	tables, err := o.Catalog(t.Context())
	require.NoError(t, err)
	require.Equal(t, []CatalogColumn{{Name: "a", Type: "int"}, {Name: "c", Type: "string"}, {Name: "dt", Type: "string", Partition: true}}, tables[0].Schema)
	require.Equal(t, 2, tables[0].Partitions)
	require.Equal(t, "json", tables[0].Format)
	require.Equal(t, []SchemaVersion{
		{2, tables[0].History[0].Updated, []string{"a: smallint became int", "added c string", "removed b string"}},
		{1, tables[0].History[1].Updated, []string{"added b string"}},
		{0, tables[0].History[2].Updated, []string{"the oldest version kept, with 2 columns"}},
	}, tables[0].History)

	f.answers("GetTableVersions", awsError{"UnknownOperationException", "not served here"})
	tables, err = o.Catalog(t.Context())
	require.NoError(t, err)
	require.Empty(t, tables[0].History)
	require.Equal(t, "UnknownOperationException: not served here", tables[0].NoHistory)
}

func TestRunNumberOfABatch(t *testing.T) {
	require.Equal(t, 7, ledger.RunOf(now+12_345))
	source, err := os.ReadFile("../glue/store_events/mysql/ledger.py")
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^_BATCHES_PER_PARTITION = ([\d_]+).*\n_RUN = _BATCHES_PER_PARTITION \* _BATCHES_PER_PARTITION$`).FindSubmatch(source)
	require.NotNil(t, found, "the size of a run")
	partition, err := strconv.ParseInt(string(found[1]), 0, 64) // Base 0 allows underscores.
	require.NoError(t, err)
	require.EqualValues(t, partition*partition, ledger.BatchesPerRun)
}

func TestFirstRowsOfAResult(t *testing.T) {
	f, o := newFake(t)
	f.athenaAnswers("a", "1", "2", "3", "4", "5")
	rows, err := o.AthenaFirst(t.Context(), "select a from t", 3)
	require.NoError(t, err)
	require.True(t, rows.More)
	require.Equal(t, [][]string{{"1"}, {"2"}, {"3"}}, rows.Texts())
	rows, err = o.AthenaFirst(t.Context(), "select a from t", 5)
	require.NoError(t, err)
	require.False(t, rows.More)
	require.Len(t, rows.Rows.Rows, 5)

	f.throughConsumer(o)
	f.consumerAnswers(func(string) string { return "a\n1\n2\n" })
	rows, err = o.QueryFirst(t.Context(), "select 1", 1)
	require.NoError(t, err)
	require.True(t, rows.More)

	// The console would need gigabytes for a page of events with large fields.
	large := strings.Repeat("x", 1<<20)
	f.consumerAnswers(func(string) string { return "extra\n" + strings.Repeat(large+"\n", 12) })
	rows, err = o.QueryFirst(t.Context(), "select extra from t", 500)
	require.NoError(t, err)
	require.True(t, rows.More)
	require.Len(t, rows.Rows.Rows, 8)
}
