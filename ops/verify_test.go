package ops

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"store-events/ops/internal/eventfile"
	"store-events/ops/internal/ledger"
	"store-events/ops/internal/quarantine"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

func gzipped(t *testing.T, text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

func entry(t *testing.T, e QuarantineEntry) []byte {
	text, err := json.Marshal(e)
	require.NoError(t, err)
	return append(text, '\n')
}

const (
	saleObject  = "sale_events/dt=2026-05-01/events-1.json"
	stockObject = "inventory_events/dt=2026-05-01/events-2.json.gz"
)

// now is a batch ID of today's run, the 7th. The ledger has deleted the runs up to the
// 5th.
const (
	now = 7 * ledger.BatchesPerRun
	old = 5*ledger.BatchesPerRun + 9
)

// world is a stack with correctly loaded events a, b, c and d, and two invalid lines in
// quarantine.
type world struct {
	*fakeAWS
	*Ops
	ledger []string // Lines of the table: object, version, complete, batch.
	// replaced are the batches whose objects were read again, and forgotten the runs with
	// batches that the ledger has deleted.
	replaced, forgotten []int
	// changed is the event whose Parquet has another value, and asked is Athena's last
	// statement.
	changed, asked string
}

func newWorld(t *testing.T) *world {
	f, o := newFake(t)
	w := &world{fakeAWS: f, Ops: o}
	w.put(saleObject, []byte("{\"request_id\":\"a\"}\r\n\n{\"request_id\":\"b\"}\n no event \r\n{\"request_id\":\"a\",\"qty\":1}"),
		QuarantineEntry{Reason: "not_json_object", Number: 4, Line: " no event \r"})
	w.put(stockObject, gzipped(t, "{\"request_id\":\"c\"}\n{\"request_id\":\"d\"}\n{\"request_id\":\"a\"}\nb\xe2\x82d\n"),
		QuarantineEntry{Reason: "not_utf8", Number: 4, Line: "b\ufffdd", Base64: []byte("b\xe2\x82d")})
	f.objects["sale_events/dt=2026-05-01/_SUCCESS"] = []byte("not read")
	f.objects["sale_events/dt=2026-05-01/"] = []byte("")
	f.answers("GetJob", document{"Job": document{"Name": "job", "DefaultArguments": document{"--ledger_days": "30"}}})
	f.answers("GetTable", document{"Table": document{"Name": "curated_sales_txns", "Parameters": document{}}})
	f.throughConsumer(o)
	return w
}

// put stores an object, loaded in batch 1, with the quarantine of this version.
func (w *world) put(key string, body []byte, invalid ...QuarantineEntry) {
	w.objects[key] = body
	for _, e := range invalid {
		e.Version = etag(body)
		name := "quarantine/" + key + "/" + etag(body) + ".jsonl"
		w.objects[name] = append(w.objects[name], entry(w.t, e)...)
	}
	w.ledger = append(w.ledger, fmt.Sprintf("s3://events/%s\t%s\t1\t%d", key, etag(body), now+1))
}

var nulls = strings.Count(targetColumns, "\t") // All columns except the key.

// rowColumns are the columns of a row of the table that verify reads.
var rowColumns = strings.Replace(targetColumns, "request_id\t", "request_id\tbatch_id\tdt\t", 1) + "\n"

// verify runs a verification against rows and Parquet with the given keys; "key batch"
// is a row of another batch than the first.
func (w *world) verify(rows []string, parquet ...string) Verification {
	columns := rowColumns
	for _, r := range rows {
		var key, batch string
		if key, batch, _ = strings.Cut(r, " "); batch == "" {
			batch = strconv.Itoa(now + 1)
		}
		columns += key + "\t" + batch + "\t2026-05-01" + strings.Repeat("\tNULL", nulls) + "\n"
	}
	lines := func(numbers []int) (text string) {
		for _, n := range numbers {
			text += strconv.Itoa(n) + "\n"
		}
		return text
	}
	w.consumerTables(map[string]string{
		"sales_txns_tbl": columns,
		"etl_runs":       "run_number\n5\n",
		"etl_objects":    "source_object\tversion\tcomplete\tbatch_id\n" + strings.Join(w.ledger, "\n") + "\n",
		"etl_runs` r":    "run_number\n" + lines(w.forgotten),
		"etl_batches":    "batch_id\n" + lines(w.replaced),
	})
	w.athenaTable(strings.Split(targetColumns, "\t"), inParquet(parquet...))
	v, err := w.Verify(w.t.Context())
	require.NoError(w.t, err)
	return v
}

func inParquet(keys ...string) [][]string {
	rows := [][]string{}
	for _, k := range keys {
		rows = append(rows, strings.Split(k+strings.Repeat(" "+null, nulls), " "))
	}
	return rows
}

var abcd = []string{"a", "b", "c", "d"}

func TestVerifyOfAWholeStack(t *testing.T) {
	v := newWorld(t).verify(abcd, "d", "c", "b", "a")
	require.NoError(t, v.Err())
	require.True(t, v.OK())
	require.Equal(t, Verification{
		Objects: 2, Lines: 8, Events: 4, Duplicates: 2, Invalid: 2, Rows: 4, ParquetRows: 4, Quarantined: 2,
	}, v)
	require.Equal(t, "exactly once: 4 events in 2 objects, 4 rows, 4 Parquet rows, 2 of 2 invalid lines quarantined, 2 repeated lines", v.Summary())
}

// Athena reads only the days in its table's range.
func TestVerifyReportsDaysOutsideOfAthenasRange(t *testing.T) {
	w := newWorld(t)
	day := func(ahead int) string { return time.Now().UTC().AddDate(0, 0, ahead).Format(time.DateOnly) }
	for _, d := range []string{"2010-01-01", "2026-05-01", day(30), "2009-12-31", day(33), "1000-01-01"} {
		for _, object := range []string{"/a.parquet", "/batch=1/b.parquet"} {
			w.objects["curated/dt="+d+object] = []byte("Parquet")
		}
	}
	w.objects["curated/dt=soon/a.parquet"] = []byte("no day, so nothing reads it")
	v := w.verify(abcd, abcd...)
	require.Equal(t, Findings{Total: 3, First: []Finding{{Key: "1000-01-01"}, {Key: "2009-12-31"}, {Key: day(33)}}}, v.UncoveredDays)
	require.ErrorContains(t, v.Err(), "3 days of the Parquet outside of the range of Athena's table")

	// The range of the table applies, not that of the contract.
	w.answers("GetTable", document{"Table": document{"Name": "curated_sales_txns", "Parameters": document{"projection.dt.range": "2020-01-01,NOW+1DAYS"}}})
	v = w.verify(abcd, abcd...)
	require.Equal(t, Findings{Total: 5, First: []Finding{{Key: "1000-01-01"}, {Key: "2009-12-31"}, {Key: "2010-01-01"}, {Key: day(30)}, {Key: day(33)}}}, v.UncoveredDays)
}

func TestVerifyReportsDifferences(t *testing.T) {
	w := newWorld(t)
	place := "quarantine/" + saleObject + "/" + etag(w.objects[saleObject]) + ".jsonl"
	w.objects[place] = entry(t, QuarantineEntry{Reason: "not_json_object", Number: 3, Line: "another line"})
	v := w.verify([]string{"a", "b", "x"}, "a", "c", "d", "y", "d")
	require.False(t, v.OK())
	at := func(key, object string, line int) Findings {
		return Findings{Total: 1, First: []Finding{{Key: key, Object: object, Line: line}}}
	}
	require.Equal(t, Findings{Total: 2, First: []Finding{
		{Key: "c", Object: stockObject, Line: 1}, {Key: "d", Object: stockObject, Line: 2},
	}}, v.MissingRows)
	require.Equal(t, at("x", "", 0), v.SurplusRows)
	require.Equal(t, at("b", saleObject, 3), v.MissingParquet)
	require.Equal(t, at("y", "", 0), v.SurplusParquet)
	require.Equal(t, at("d", stockObject, 2), v.RepeatedParquet)
	require.Equal(t, at(" no event \r", saleObject, 4), v.MissingQuarantine)
	require.Equal(t, at("another line", saleObject, 3), v.SurplusQuarantine)
	require.ErrorContains(t, v.Err(), "2 events without a row: c ("+stockObject+":1), d ("+stockObject+":2)\n1 rows without an event: x\n")
	require.True(t, strings.HasPrefix(v.Summary(), "NOT exactly once"))
}

func TestVerifyCountsUnreadableObjects(t *testing.T) {
	w := newWorld(t)
	w.objects["sale_events/archived.json"] = []byte("{}")
	w.objects["sale_events/archived\x01.json"] = []byte("{}") // The key makes the response invalid XML.
	v := w.verify(abcd, abcd...)
	require.NoError(t, v.Err())
	require.Equal(t, map[string]int{"archived": 2}, v.UnreadReasons)
	require.Contains(t, v.Summary(), "; 2 objects cannot be read now (2 archived): archived (sale_events/archived\x01.json)")
}

func TestVerifyBeforeTheFirstIngest(t *testing.T) {
	w := newWorld(t)
	w.consumerTables(nil)
	w.athenaTable([]string{"request_id"}, nil)
	v, err := w.Verify(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4, v.MissingRows.Total)
	require.Zero(t, v.Rows)
}

func TestVerifyDistinguishesInvalidLinesByPlace(t *testing.T) {
	w := newWorld(t)
	body := append(bytes.Clone(w.objects[saleObject]), "\n no event \r\n"...)
	w.put(saleObject, body, QuarantineEntry{Reason: "not_json_object", Number: 4, Line: " no event \r"})
	v := w.verify(abcd, abcd...)
	require.Equal(t, 3, v.Invalid)
	require.Equal(t, 1, v.MissingQuarantine.Total)
	require.Equal(t, 6, v.MissingQuarantine.First[0].Line)
	require.Equal(t, 1, v.EarlierQuarantine, "the entry of the version that was overwritten")
}

// The places of unreadable lines are compared, because the job and this reader must
// agree on them.
func TestVerifyOfDamagedObjects(t *testing.T) {
	w := newWorld(t)
	long := strings.Repeat("x", eventfile.MaxLine+1)
	w.put(saleObject, []byte("{\"request_id\":\"a\"}\n{\"request_id\":\"b\"}\n"+long),
		QuarantineEntry{Reason: eventfile.ReasonTooLong, Number: 3, Line: long[:eventfile.Sample], Bytes: len(long)})
	whole := gzipped(t, "{\"request_id\":\"c\"}\n{\"request_id\":\"d\"}\n")
	w.put(stockObject, whole[:len(whole)-4], QuarantineEntry{Reason: eventfile.ReasonCutShort, Number: 3})
	v := w.verify(abcd, abcd...)
	require.NoError(t, v.Err())
	require.Equal(t, 2, v.Invalid)
}

// zlib may return the end of a line that Go's gzip does not.
func TestVerifyOfATruncatedEvent(t *testing.T) {
	for name, tc := range map[string]struct {
		entry int
		rows  []string
	}{"not read": {2, abcd}, "read": {3, append([]string{"e"}, abcd...)}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			whole := gzipped(t, "{\"request_id\":\"a\"}\n{\"request_id\":\"e\"}")
			w.put("sale_events/cut.json.gz", whole[:len(whole)-4], QuarantineEntry{Reason: eventfile.ReasonCutShort, Number: tc.entry})
			require.NoError(t, w.verify(tc.rows, tc.rows...).Err())
		})
	}
}

// The job's decompressors lose up to 256 bytes before the damage.
func TestVerifyOfEventsThatTheJobLostBeforeDamage(t *testing.T) {
	encoder, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	body := encoder.EncodeAll([]byte("{\"request_id\":\"a\"}\n{\"request_id\":\"e\"}\n{\"request_id\":\"f\"}\nno event\n"), nil)
	for name, tc := range map[string]struct {
		entry   int
		rows    []string
		missing int
	}{"all": {5, []string{"e", "f"}, 0}, "none": {1, nil, 0}, "some": {3, []string{"e"}, 0}, "not those before": {3, []string{"f"}, 1}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			entries := []QuarantineEntry{{Reason: eventfile.ReasonCutShort, Number: tc.entry}}
			if tc.entry > 4 {
				entries = append(entries, QuarantineEntry{Reason: "not_json_object", Number: 4, Line: "no event"})
			}
			w.put("sale_events/cut.json.zst", append(body, "rubbish"...), entries...)
			rows := slices.Concat(abcd, tc.rows)
			v := w.verify(rows, rows...)
			require.Equal(t, tc.missing, v.MissingRows.Total)
			require.Equal(t, tc.missing == 0, v.OK(), v.Err())
		})
	}
}

func TestRowsOfDeletedObjects(t *testing.T) {
	w := newWorld(t)
	w.ledger = append(w.ledger, fmt.Sprintf("s3://events/sale_events/deleted.json\tv\t1\t%d", now+2))
	rows := append([]string{fmt.Sprint("e ", now+2), fmt.Sprint("f ", old)}, abcd...)
	v := w.verify(rows, append([]string{"e", "f"}, abcd...)...)
	require.NoError(t, v.Err())
	require.Equal(t, 2, v.EarlierRows)
	require.Contains(t, v.Summary(), "; of objects that S3 no longer has: 2 rows, 0 quarantined lines")

	v = w.verify(rows, append([]string{"e"}, abcd...)...)
	require.Equal(t, Findings{Total: 1, First: []Finding{{Key: "f"}}}, v.MissingParquet)
}

// A backfill reads an object again: the ledger then has it under a later batch, but
// its rows keep the first batch.
func TestRowsOfADeletedObjectAfterABackfill(t *testing.T) {
	w := newWorld(t)
	w.ledger = append(w.ledger, fmt.Sprintf("s3://events/sale_events/deleted.json\tv\t1\t%d", now+9))
	rows := append([]string{fmt.Sprint("e ", now+2)}, abcd...)
	require.Equal(t, 1, w.verify(rows, append([]string{"e"}, abcd...)...).SurplusRows.Total, "no object of batch 2 was read again")

	w.replaced = []int{now + 2}
	v := w.verify(rows, append([]string{"e"}, abcd...)...)
	require.NoError(t, v.Err())
	require.Equal(t, 1, v.EarlierRows)
}

func TestVerifyReportsRepeatedRows(t *testing.T) {
	v := newWorld(t).verify(append([]string{"a", "a"}, abcd...), abcd...)
	require.Equal(t, Findings{Total: 2, First: slices.Repeat([]Finding{{Key: "a", Object: saleObject, Line: 1}}, 2)}, v.RepeatedRows)
	require.ErrorContains(t, v.Err(), "2 repeated rows: a ("+saleObject+":1)")
}

// The mysql client prints the string NULL and null alike: only the prefix distinguishes them.
func TestVerifyReportsTheDifferentColumn(t *testing.T) {
	w := newWorld(t)
	columns := strings.Split(targetColumns, "\t")
	extra := slices.Index(columns, "extra")
	row := func(value string) string {
		cells := slices.Repeat([]string{null}, len(columns)+2)
		cells[0], cells[1], cells[extra+2] = "a", strconv.Itoa(now+1), value
		return strings.Join(cells, "\t") + "\n"
	}
	w.consumerTables(map[string]string{
		"sales_txns_tbl": rowColumns + row("="+null),
		"etl_objects":    "source_object\tversion\tcomplete\tbatch_id\n",
	})
	w.athenaTable(columns, inParquet("a"))
	v, err := w.Verify(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, v.DifferentParquet.Total)
	require.ErrorContains(t, v.Err(), `1 Parquet rows that differ from their rows: a (`+saleObject+`:1): extra is "NULL" in the table and null in the Parquet`)
}

// Batches are numbered by run: a row without an event counts as an old one only if its
// run is older than the ledger's history.
func TestRowOfAnEarlyRunIsReported(t *testing.T) {
	v := newWorld(t).verify(append([]string{fmt.Sprint("x ", 6*ledger.BatchesPerRun)}, abcd...), append([]string{"x"}, abcd...)...)
	require.Equal(t, 1, v.SurplusRows.Total)
	require.Zero(t, v.EarlierRows)
}

// The ledger has deleted the objects of run 6 when it kept them for a shorter time.
func TestRowOfAForgottenRun(t *testing.T) {
	w := newWorld(t)
	w.forgotten = []int{6}
	v := w.verify(append([]string{fmt.Sprint("x ", 6*ledger.BatchesPerRun)}, abcd...), append([]string{"x"}, abcd...)...)
	require.NoError(t, v.Err())
	require.Equal(t, 1, v.EarlierRows)
}

func TestConfiguredFieldsAreChecked(t *testing.T) {
	w := newWorld(t)
	w.answers("GetJob", document{"Job": document{"DefaultArguments": document{"--ledger_days": "30", "--extra_columns": "x_channel=string(3)"}}})
	w.put(saleObject, []byte("{\"request_id\":\"a\",\"x_channel\":\"web\"}\n{\"request_id\":\"b\",\"x_channel\":\"phone\"}"),
		QuarantineEntry{Reason: "bad_field:x_channel", Number: 2, Line: "{\"request_id\":\"b\",\"x_channel\":\"phone\"}"})
	v := w.verify([]string{"a", "c", "d"}, "a", "c", "d")
	require.NoError(t, v.Err())
	_, err := w.ReplayFile(t.Context(), ReplayFileRequest{File: strings.NewReader("{\"request_id\":\"b\",\"x_channel\":\"phone\"}")})
	require.ErrorContains(t, err, "line 1: bad_field:x_channel")
}

func TestVerifyReadsTheLedgersDaysFromTheJob(t *testing.T) {
	w := newWorld(t)
	w.answers("GetJob", document{"Job": document{"Name": "job"}})
	_, err := w.Verify(t.Context())
	require.ErrorContains(t, err, "the argument --ledger_days of the job job: ")
}

func TestVerifyOfSummarizedLines(t *testing.T) {
	body := strings.Repeat("x\n", 1000) + "{\"request_id\":\"n\"}\nx\ny\nz\n"
	for name, tc := range map[string]struct {
		entries          []QuarantineEntry
		missing, surplus int
	}{
		"equal lines": {[]QuarantineEntry{
			{Reason: "not_json_object", Number: 1, Last: 1002, Lines: 1001, Line: "x"},
			{Reason: "not_json_object", Number: 1003, Line: "y"}, {Reason: "not_json_object", Number: 1004, Line: "z"},
		}, 0, 0},
		"in two batches": {[]QuarantineEntry{
			{Reason: "not_json_object", Number: 1, Last: 500, Lines: 500, Line: "x"},
			{Reason: "not_json_object", Number: 501, Last: 1002, Lines: 501, Line: "x"},
			{Reason: "not_json_object", Number: 1003, Line: "y"}, {Reason: "not_json_object", Number: 1004, Line: "z"},
		}, 0, 0},
		"not kept": {[]QuarantineEntry{
			{Reason: "not_json_object", Number: 1, Last: 500, Lines: 500, Line: "x"},
			{Reason: quarantine.ReasonNotKept, Number: 501, Last: 1004, Lines: 503, Reasons: map[string]int{"not_json_object": 503}},
		}, 0, 0},
		"too few": {[]QuarantineEntry{
			{Reason: "not_json_object", Number: 1, Last: 500, Lines: 499, Line: "x"},
			{Reason: quarantine.ReasonNotKept, Number: 501, Last: 1004, Lines: 501},
		}, 3, 0},
		"too many": {[]QuarantineEntry{{Reason: quarantine.ReasonNotKept, Number: 1, Last: 1004, Lines: 1005}}, 0, 2},
		"another":  {[]QuarantineEntry{{Reason: "not_json_object", Number: 1, Last: 1004, Lines: 1003, Line: "w"}}, 1003, 1003},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.put("sale_events/many.json", []byte(body), tc.entries...)
			v := w.verify(append(slices.Clone(abcd), "n"), append(slices.Clone(abcd), "n")...)
			require.Equal(t, tc.missing, v.MissingQuarantine.Total)
			require.Equal(t, tc.surplus, v.SurplusQuarantine.Total)
			require.Equal(t, 1003+2, v.Invalid)
		})
	}
}

// Earlier releases stored no size in the parts of a line that is not too long for an event.
func TestVerifyOfInvalidLinesInParts(t *testing.T) {
	const part = 256 << 10
	long := `{"x":"` + strings.Repeat("y", 2*part) + `"}`
	w := newWorld(t)
	w.put("sale_events/long.json", []byte(long+"\nshort\n"),
		QuarantineEntry{Reason: "missing_key", Number: 1, Line: long[:part], Part: 1},
		QuarantineEntry{Reason: "missing_key", Number: 1, Line: long[part : 2*part], Part: 2},
		QuarantineEntry{Reason: "missing_key", Number: 1, Line: long[2*part:], Part: 3},
		QuarantineEntry{Reason: "not_json_object", Number: 2, Line: "short"})
	require.NoError(t, w.verify(abcd, abcd...).Err())
}

func TestVerifyOfLongLinesInParts(t *testing.T) {
	long := strings.Repeat("x", 3*eventfile.MaxLine)
	w := newWorld(t)
	w.put("sale_events/long.json", []byte(long+"\n"),
		QuarantineEntry{Reason: eventfile.ReasonTooLong, Number: 1, Line: long[:eventfile.MaxLine], Bytes: len(long), Part: 1},
		QuarantineEntry{Reason: eventfile.ReasonTooLong, Number: 1, Line: long[:eventfile.MaxLine], Bytes: len(long), Part: 2})
	require.NoError(t, w.verify(abcd, abcd...).Err())
}
