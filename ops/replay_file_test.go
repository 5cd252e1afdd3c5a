package ops

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

const replayLines = `{"request_id":"a","event_type":"sale_event","ts":"2026-05-01T10:20:30Z"}
` + " \ufeff\ufeff" + `
` + " \ufeff" + `{"request_id":"m","event_type":"inventory_event","ts":"2026-05-02T10:20:30Z"}
{"request_id":"n"}
`

// keysCounted serves the table with the keys, and adds to them in a run of the job.
func (w *world) keysCounted(keys map[string]bool) {
	w.consumerAnswers(func(statement string) string {
		if strings.Contains(statement, "information_schema.columns") {
			return "column_name\tcolumn_type\nrequest_id\tvarchar(36)\n"
		}
		if strings.Contains(statement, "from `etl_objects`") {
			return "source_object\tversion\tcomplete\tbatch_id\n" + strings.Join(w.ledger, "\n") + "\n"
		}
		if strings.Contains(statement, "etl_batches") {
			return "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t3\t2\t1\t0\n"
		}
		found := "request_id\n"
		for key := range keys {
			if strings.Contains(statement, "'"+key+"'") {
				found += key + "\n"
			}
		}
		return found
	})
}

func TestReplayFile(t *testing.T) {
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
	replay := func() ReplayFileResult {
		r, err := w.ReplayFile(t.Context(), ReplayFileRequest{File: strings.NewReader(replayLines), Stream: "sale_events", Day: "2026-05-03"})
		require.NoError(t, err)
		return r
	}
	first := replay()
	require.Equal(t, 3, first.Events)
	require.Equal(t, 2, first.New)
	require.Equal(t, 1, first.There)
	require.Len(t, first.Objects, 3)
	for i, folder := range []string{"inventory_events/dt=2026-05-02/replay-", "sale_events/dt=2026-05-01/replay-", "sale_events/dt=2026-05-03/replay-"} {
		require.True(t, strings.HasPrefix(first.Objects[i], folder), first.Objects[i])
		require.NotEmpty(t, w.objects[first.Objects[i]])
	}
	again := replay()
	require.Equal(t, first.Objects, again.Objects)
	require.Equal(t, 3, again.There)
	require.Zero(t, again.New)
	require.Nil(t, again.Run)
	require.Equal(t, 3, w.called("PutObject"), "an existing file is not written again")
	require.Equal(t, 1, w.called("StartJobRun"))
}

func TestReplayFileRefusesTheWholeFile(t *testing.T) {
	w := newWorld(t)
	for name, tc := range map[string]struct {
		text, want string
		request    ReplayFileRequest
	}{
		"invalid lines": {
			"{\"request_id\":\"a\",\"qty\":\"many\"}\n\nx\n{\"request_id\":\"b\"}\n",
			"nothing was loaded, because 3 lines are invalid:\nline 1: bad_field:qty\nline 3: not_json_object\n" +
				"line 4: has no stream in event_type or no day in ts: set --stream and --day", ReplayFileRequest{},
		},
		"empty":  {"\n", "the file has no events", ReplayFileRequest{}},
		"stream": {"{}", "--stream \"sales\": must be " + strings.Join(schema.Load().StreamNames(), " or "), ReplayFileRequest{Stream: "sales"}},
		"day":    {"{}", "--day \"today\": must be a day, such as 2026-05-31", ReplayFileRequest{Day: "today"}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.request.File = strings.NewReader(tc.text)
			_, err := w.ReplayFile(t.Context(), tc.request)
			require.EqualError(t, err, tc.want)
			require.Zero(t, w.called("PutObject"))
		})
	}
}

func TestReplayFileReportsEventsThatWereNotLoaded(t *testing.T) {
	w := newWorld(t)
	w.keysCounted(map[string]bool{"a": true, "m": true})
	w.runs(func(document) {})
	_, err := w.ReplayFile(t.Context(), ReplayFileRequest{File: strings.NewReader(replayLines), Stream: "sale_events", Day: "2026-05-03"})
	require.ErrorContains(t, err, "1 of 3 events are not in the table: the job did not load all of inventory_events/")
	require.ErrorContains(t, err, ": `storeevents runs show jr_1 --stack test` lists the outcome of each object")
}

func TestReplayFileReportsEventsMissingFromTheTable(t *testing.T) {
	w := newWorld(t)
	keys := map[string]bool{"a": true}
	w.keysCounted(keys)
	w.runs(func(document) {
		keys["m"], keys["n"] = true, true
		for key, body := range w.objects {
			w.put(key, body)
		}
	})
	request := func() ReplayFileRequest {
		return ReplayFileRequest{File: strings.NewReader(replayLines), Stream: "sale_events", Day: "2026-05-03"}
	}
	_, err := w.ReplayFile(t.Context(), request())
	require.NoError(t, err)
	delete(keys, "m")
	_, err = w.ReplayFile(t.Context(), request())
	require.ErrorContains(t, err, "1 of 3 events are not in the table, but the ledger records inventory_events/")
	require.ErrorContains(t, err, " as complete: `storeevents verify --stack test` compares them")
}
