package ops

import (
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

// ledgerOnly serves the ledger; other tables do not exist.
func (w *world) ledgerOnly() {
	w.consumerTables(map[string]string{
		"etl_objects": "source_object\tversion\tcomplete\tbatch_id\n" + strings.Join(w.ledger, "\n") + "\n",
		"etl_batches": "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t5\t1\t3\t1\n",
	})
}

// runs serves successful runs of the job, and calls do with the arguments of
// each.
func (w *world) runs(do func(arguments document)) {
	w.on["StartJobRun"] = func(in document) any {
		arguments, _ := in["Arguments"].(document)
		do(arguments)
		return document{"JobRunId": "jr_1"}
	}
	w.answers("GetJobRun", document{"JobRun": jobRun("jr_1", "SUCCEEDED", "")})
}

func TestQuarantineListsWhatWasLoaded(t *testing.T) {
	w := newWorld(t)
	earlier := etag(w.objects[saleObject])
	w.put(saleObject, []byte("[]\n{}\n"), QuarantineEntry{Reason: "not_json_object", Number: 1}, QuarantineEntry{Reason: "missing_key", Number: 2})
	w.objects["quarantine/"+stockObject+"/ofadeadrun.jsonl"] = entry(t, QuarantineEntry{Reason: "bad_key", Number: 1})
	w.ledgerOnly()
	stock := QuarantinedObject{Object: stockObject, Version: etag(w.objects[stockObject]), Lines: 1, Reasons: map[string]int{"not_utf8": 1}, Current: true, keys: map[string]int{}}
	sale := QuarantinedObject{
		Object: saleObject, Version: etag(w.objects[saleObject]), Lines: 2,
		Reasons: map[string]int{"not_json_object": 1, "missing_key": 1}, Current: true, keys: map[string]int{},
	}
	was := QuarantinedObject{Object: saleObject, Version: earlier, Lines: 1, Reasons: map[string]int{"not_json_object": 1}, keys: map[string]int{}}
	onlyKey := sale
	onlyKey.Lines, onlyKey.Reasons = 1, map[string]int{"missing_key": 1}
	for name, tc := range map[string]struct {
		filter QuarantineFilter
		want   []QuarantinedObject
	}{
		"all":    {QuarantineFilter{}, []QuarantinedObject{stock, was, sale}},
		"stream": {QuarantineFilter{Stream: "inventory_events"}, []QuarantinedObject{stock}},
		"reason": {QuarantineFilter{Reason: "missing_key"}, []QuarantinedObject{onlyKey}},
		"from":   {QuarantineFilter{Days: Days{From: "2026-05-02"}}, []QuarantinedObject{}},
		"to":     {QuarantineFilter{Days: Days{To: "2026-05-01"}, Reason: "not_utf8"}, []QuarantinedObject{stock}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := w.Quarantine(t.Context(), tc.filter)
			require.NoError(t, err)
			require.ElementsMatch(t, tc.want, got)
		})
	}
	_, err := w.Quarantine(t.Context(), QuarantineFilter{Stream: "sales"})
	require.EqualError(t, err, `--stream "sales": must be `+strings.Join(schema.Load().StreamNames(), " or "))
}

// A string that cannot be a key is in no table, and may be too long for a command.
func TestLongKeysOfInvalidLines(t *testing.T) {
	w := newWorld(t)
	w.throughConsumer(w.Ops)
	long, bad := `{"request_id":"`+strings.Repeat("k", 100_000)+`"}`, `{"request_id":"a","qty":"b"}`
	w.put(saleObject, []byte(long+"\n"+bad+"\n"),
		QuarantineEntry{Reason: "bad_key", Number: 1, Line: long}, QuarantineEntry{Reason: "bad_field:qty", Number: 2, Line: bad})
	w.consumerTables(map[string]string{
		"etl_objects":    "source_object\tversion\tcomplete\tbatch_id\n" + strings.Join(w.ledger, "\n") + "\n",
		"sales_txns_tbl": "request_id\na\n",
	})
	for reason, inTable := range map[string]int{"bad_key": 0, "bad_field:qty": 1} {
		got, err := w.Quarantine(t.Context(), QuarantineFilter{Stream: "sale_events", Reason: reason})
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, inTable, got[0].InTable, reason)
	}
}

func TestQuarantineEntriesByAnyName(t *testing.T) {
	w := newWorld(t)
	w.ledgerOnly()
	version := etag(w.objects[stockObject])
	for _, name := range []string{stockObject, "s3://events/" + stockObject, "quarantine/" + stockObject + "/" + version + ".jsonl"} {
		entries, err := w.QuarantineEntries(t.Context(), name, 4)
		require.NoError(t, err)
		require.Len(t, entries, 1)
		require.Equal(t, "not_utf8", entries[0].Reason)
		require.Equal(t, []byte("b\xe2\x82d"), entries[0].Raw())
	}
	for _, name := range []string{"sale_events", "quarantine/" + stockObject + "/other.jsonl", saleObject + "x"} {
		_, err := w.QuarantineEntries(t.Context(), name, 0)
		require.ErrorContains(t, err, "has no such line in quarantine")
	}
	_, err := w.QuarantineEntries(t.Context(), stockObject, 3)
	require.Error(t, err)
	w.objects["quarantine/"+stockObject+"/"+version+".jsonl"] = []byte(base64.StdEncoding.EncodeToString([]byte("x")))
	_, err = w.QuarantineEntries(t.Context(), stockObject, 0)
	require.ErrorContains(t, err, version+".jsonl was not written by the job: `storeevents quarantine clean --stack test` moves it to foreign/")
}

// quarantined is the ledger's result for quarantined lines, by object and version.
func quarantined(lines ...string) map[string]string {
	return map[string]string{
		"etl_objects": "source_object\tversion\tlines\tcomplete\n" + strings.Join(lines, ""),
		"etl_batches": "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t5\t1\t3\t1\n",
	}
}

func linesOf(key, version string, count int) string {
	return fmt.Sprintf("s3://events/%s\t%s\t%d\t1\n", key, version, count)
}

// halfRead is linesOf for an object that is not loaded completely.
func halfRead(key, version string, count int) string {
	return strings.TrimSuffix(linesOf(key, version, count), "1\n") + "0\n"
}

func TestReplayCountsWhatLeavesTheQuarantine(t *testing.T) {
	w := newWorld(t)
	sale, stock := etag(w.objects[saleObject]), etag(w.objects[stockObject])
	tables := quarantined(linesOf(saleObject, sale, 2), linesOf(saleObject, "earlier", 1), linesOf(stockObject, stock, 1), linesOf("sale_events/gone", "x", 3))
	w.consumerTables(tables)
	w.runs(func(arguments document) {
		require.Equal(t, document{"--replay": "true"}, arguments)
		tables["etl_objects"] = quarantined(linesOf(saleObject, sale, 1), linesOf(saleObject, "earlier", 1), linesOf(stockObject, stock, 1))["etl_objects"]
	})
	r, err := w.Replay(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, r.Run.RowsNew)
	r.Run, r.Seconds = nil, 0
	require.Equal(t, ReplayResult{Objects: 2, Lines: 3, Loaded: 1, Stay: 2, Gone: 4}, r)
}

// With jobMaxUnread a run may leave objects that it has not read completely. Their unread
// lines stay in quarantine.
func TestReplayOfIncompleteObjects(t *testing.T) {
	const left = "sale_events/dt=2026-05-02/left.json"
	w := newWorld(t)
	w.put(left, []byte("{}"))
	sale, stock := etag(w.objects[saleObject]), etag(w.objects[stockObject])
	tables := quarantined(halfRead(saleObject, sale, 2), linesOf(stockObject, stock, 1), halfRead(left, etag(w.objects[left]), 0))
	w.consumerTables(tables)
	w.runs(func(document) { tables["etl_objects"] = quarantined(halfRead(saleObject, sale, 0))["etl_objects"] })
	r, err := w.Replay(t.Context())
	require.NoError(t, err)
	r.Run, r.Seconds = nil, 0
	require.Equal(t, ReplayResult{Objects: 2, Lines: 3, Loaded: 1, Stay: 2}, r)
}

// The job uses the ledger, and writes the entries again.
func TestReplayReadsLinesWithoutAnEntry(t *testing.T) {
	w := newWorld(t)
	maps.DeleteFunc(w.objects, func(key string, _ []byte) bool { return strings.HasPrefix(key, "quarantine/") })
	w.consumerTables(quarantined(linesOf(saleObject, etag(w.objects[saleObject]), 1)))
	w.runs(func(document) {})
	r, err := w.Replay(t.Context())
	require.NoError(t, err)
	require.NotNil(t, r.Run)
}

func TestReplayOfNothingStartsNoRun(t *testing.T) {
	for name, tables := range map[string]map[string]string{"no ledger": nil, "gone": quarantined(linesOf("sale_events/gone", "x", 3))} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.consumerTables(tables)
			r, err := w.Replay(t.Context())
			require.NoError(t, err)
			require.Nil(t, r.Run)
			require.Zero(t, w.called("StartJobRun"))
		})
	}
}

func TestBackfill(t *testing.T) {
	w := newWorld(t)
	w.put("sale_events/dt=2026-05-02/late.json", []byte("{}"))
	w.ledgerOnly()
	days := Days{From: "2026-05-01", To: "2026-05-01"}
	r, err := w.Backfill(t.Context(), days, true)
	require.NoError(t, err)
	require.Equal(t, []BackfillObject{
		{saleObject, int64(len(w.objects[saleObject]))}, {stockObject, int64(len(w.objects[stockObject]))},
	}, r.Objects)
	require.Nil(t, r.Run)

	w.runs(func(arguments document) {
		require.Equal(t, document{"--reload_from": "2026-05-01", "--reload_to": "2026-05-01"}, arguments)
	})
	r, err = w.Backfill(t.Context(), days, false)
	require.NoError(t, err)
	require.Equal(t, 1, r.Run.RowsNew)
}

func TestDaysAreChecked(t *testing.T) {
	for want, days := range map[string]Days{
		`--from "2026-5-1": must be a day, such as 2026-05-31`: {From: "2026-5-1", To: "2026-05-02"},
		`--to "2026-02-30": must be a day, such as 2026-05-31`: {From: "2026-02-01", To: "2026-02-30"},
		"--from 2026-05-02 is after --to 2026-05-01":           {From: "2026-05-02", To: "2026-05-01"},
		"--from and --to: set both":                            {From: "2026-05-02"},
	} {
		_, o := newFake(t)
		_, err := o.Backfill(t.Context(), days, true)
		require.ErrorContains(t, err, want)
	}
	for name, want := range map[string]string{
		"sale_events/dt=2026-05-01/a": "2026-05-01", "dt=2026-05-01/a": "2026-05-01", "a/dt=x/dt=2026-05-01": "2026-05-01",
		"a/dt=2026-05-01/dt=x/a": "", "a/2026-05-01/a": "", "a": "",
	} {
		require.Equal(t, want, dayOf(name), name)
	}
}
