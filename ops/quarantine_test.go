package ops

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ledgerOnly serves the ledger; queries of other tables find none.
func (w *world) ledgerOnly() {
	w.consumerTables(map[string]string{
		"etl_objects": "source_object\tversion\tcomplete\tbatch_id\n" + strings.Join(w.ledger, "\n") + "\n",
		"etl_batches": "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t5\t1\t3\t1\n",
	})
}

// runs serves runs of the job that succeed, and gives the arguments of each to
// what it does.
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
	stock := QuarantinedObject{stockObject, etag(w.objects[stockObject]), 1, map[string]int{"not_utf8": 1}, true}
	sale := QuarantinedObject{saleObject, etag(w.objects[saleObject]), 2, map[string]int{"not_json_object": 1, "missing_key": 1}, true}
	was := QuarantinedObject{saleObject, earlier, 1, map[string]int{"not_json_object": 1}, false}
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
	require.EqualError(t, err, `--stream "sales": must be sale_events or inventory_events`)
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
	require.ErrorContains(t, err, "an entry is not JSON")
}

func TestReplayCountsWhatLeavesTheQuarantine(t *testing.T) {
	w := newWorld(t)
	w.put(saleObject, []byte("[]\n{}\n"), QuarantineEntry{Reason: "not_json_object", Number: 1}, QuarantineEntry{Reason: "missing_key", Number: 2})
	w.ledgerOnly()
	w.runs(func(arguments document) {
		require.Equal(t, document{"--replay": "true"}, arguments)
		w.objects["quarantine/"+saleObject+"/"+etag(w.objects[saleObject])+".jsonl"] = entry(t, QuarantineEntry{Reason: "missing_key", Number: 2})
	})
	r, err := w.Replay(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1, r.Run.RowsNew)
	r.Run, r.Seconds = nil, 0
	require.Equal(t, ReplayResult{Objects: 2, Lines: 3, Loaded: 1, Stay: 2, Gone: 1}, r)
}

func TestReplayOfNothingRunsNothing(t *testing.T) {
	w := newWorld(t)
	w.consumerTables(nil)
	r, err := w.Replay(t.Context())
	require.NoError(t, err)
	require.Nil(t, r.Run)
	require.Zero(t, w.called("StartJobRun"))
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
		`--from "2026-5-1": must be a day, as 2026-05-31`: {From: "2026-5-1", To: "2026-05-02"},
		`--to "2026-02-30": must be a day, as 2026-05-31`: {From: "2026-02-01", To: "2026-02-30"},
		"--from 2026-05-02 is after --to 2026-05-01":      {From: "2026-05-02", To: "2026-05-01"},
		"--from and --to: give both":                      {From: "2026-05-02"},
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

const mendedLines = `{"request_id":"a","event_type":"sale_event","ts":"2026-05-01T10:20:30Z"}

{"request_id":"m","event_type":"inventory_event","ts":"2026-05-02T10:20:30Z"}
{"request_id":"n"}
`

// keysCounted serves the table with the keys, which a run of the job adds to.
func (w *world) keysCounted(keys map[string]bool) {
	w.consumerAnswers(func(statement string) string {
		n := 0
		for key := range keys {
			if strings.Contains(statement, "'"+key+"'") {
				n++
			}
		}
		if strings.Contains(statement, "information_schema") {
			n = 1
		}
		if strings.Contains(statement, "from `etl_objects`") {
			return "source_object\tversion\tcomplete\tbatch_id\n" + strings.Join(w.ledger, "\n") + "\n"
		}
		if strings.Contains(statement, "etl_batches") {
			return "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t3\t2\t1\t0\n"
		}
		return fmt.Sprintf("count(*)\n%d\n", n)
	})
}

func TestMend(t *testing.T) {
	w := newWorld(t)
	keys := map[string]bool{"a": true, "b": true}
	w.keysCounted(keys)
	w.runs(func(document) {
		keys["m"], keys["n"] = true, true
		for key, body := range w.objects {
			if strings.Contains(key, "/replay-") {
				w.put(key, body)
			}
		}
	})
	mend := func() MendResult {
		r, err := w.Mend(t.Context(), MendRequest{File: strings.NewReader(mendedLines), Stream: "sale_events", Day: "2026-05-03"})
		require.NoError(t, err)
		return r
	}
	first := mend()
	require.Equal(t, 3, first.Events)
	require.Equal(t, 2, first.New)
	require.Equal(t, 1, first.There)
	require.Len(t, first.Objects, 3)
	for i, folder := range []string{"inventory_events/dt=2026-05-02/replay-", "sale_events/dt=2026-05-01/replay-", "sale_events/dt=2026-05-03/replay-"} {
		require.True(t, strings.HasPrefix(first.Objects[i], folder), first.Objects[i])
		require.NotEmpty(t, w.objects[first.Objects[i]])
	}
	again := mend()
	require.Equal(t, first.Objects, again.Objects)
	require.Equal(t, 3, again.There)
	require.Zero(t, again.New)
	require.Nil(t, again.Run)
	require.Equal(t, 3, w.called("PutObject"), "what is there is not written again")
	require.Equal(t, 1, w.called("StartJobRun"))
}

func TestMendRefusesTheWholeFile(t *testing.T) {
	w := newWorld(t)
	for name, tc := range map[string]struct {
		text, want string
		request    MendRequest
	}{
		"bad lines": {
			"{\"request_id\":\"a\",\"qty\":\"many\"}\n\nx\n{\"request_id\":\"b\"}\n",
			"nothing was loaded, because 3 lines are invalid:\nline 1: bad_field:qty\nline 3: not_json_object\n" +
				"line 4: has no stream in event_type or no day in ts: set --stream and --day", MendRequest{},
		},
		"empty":  {"\n", "the file has no events", MendRequest{}},
		"stream": {"{}", "--stream \"sales\": must be sale_events or inventory_events", MendRequest{Stream: "sales"}},
		"day":    {"{}", "--day \"today\": must be a day, as 2026-05-31", MendRequest{Day: "today"}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.request.File = strings.NewReader(tc.text)
			_, err := w.Mend(t.Context(), tc.request)
			require.EqualError(t, err, tc.want)
			require.Zero(t, w.called("PutObject"))
		})
	}
}

func TestMendTellsOfEventsThatDidNotArrive(t *testing.T) {
	w := newWorld(t)
	w.keysCounted(map[string]bool{"a": true, "m": true})
	w.runs(func(document) {})
	_, err := w.Mend(t.Context(), MendRequest{File: strings.NewReader(mendedLines), Stream: "sale_events", Day: "2026-05-03"})
	require.ErrorContains(t, err, "1 of 3 events are not in the table: the job did not read all of inventory_events/")
}
