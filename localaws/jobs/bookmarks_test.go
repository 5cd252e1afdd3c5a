package jobs

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
)

// committer increments a counter in its bookmark, as job.commit() saves it.
const committer = `
import json, os, urllib.request
url = os.environ["LOCALAWS_BOOKMARK_URL"]
old = json.load(urllib.request.urlopen(url))
new = {"version": old["version"], "state": {"count": old["state"].get("count", 0) + 1}}
request = urllib.request.Request(url, json.dumps(new).encode(), method="PUT")
print(json.load(urllib.request.urlopen(request)))
`

func bookmarked(in *glue.CreateJobInput) {
	in.DefaultArguments = map[string]string{"--job-bookmark-option": "job-bookmark-enable"}
}

func TestBookmarkIsSavedReadRewoundAndReset(t *testing.T) {
	w := newWorld(t)
	w.job("etl", committer, bookmarked)
	name := aws.String("etl")
	_, err := w.glue.GetJobBookmark(t.Context(), &glue.GetJobBookmarkInput{JobName: name})
	var missing *types.EntityNotFoundException
	require.ErrorAs(t, err, &missing)

	var ids []string
	for range 3 {
		ids = append(ids, w.run("etl", nil))
		run := w.end("etl", ids[len(ids)-1])
		require.Equal(t, types.JobRunStateSucceeded, run.JobRunState, aws.ToString(run.ErrorMessage))
	}
	got, err := w.glue.GetJobBookmark(t.Context(), &glue.GetJobBookmarkInput{JobName: name})
	require.NoError(t, err)
	entry := got.JobBookmarkEntry
	require.JSONEq(t, `{"count":3}`, *entry.JobBookmark)
	require.EqualValues(t, 3, entry.Version)
	require.EqualValues(t, 3, entry.Run)
	require.Equal(t, ids[2], *entry.RunId)
	require.Equal(t, ids[1], *entry.PreviousRunId)

	rewound, err := w.glue.ResetJobBookmark(t.Context(), &glue.ResetJobBookmarkInput{JobName: name, RunId: &ids[0]})
	require.NoError(t, err)
	require.JSONEq(t, `{"count":1}`, *rewound.JobBookmarkEntry.JobBookmark)
	require.EqualValues(t, 1, rewound.JobBookmarkEntry.Run)
	_, err = w.glue.ResetJobBookmark(t.Context(), &glue.ResetJobBookmarkInput{JobName: name, RunId: &ids[2]})
	require.ErrorAs(t, err, &missing, "rewound to before this run")

	reset, err := w.glue.ResetJobBookmark(t.Context(), &glue.ResetJobBookmarkInput{JobName: name})
	require.NoError(t, err)
	require.Equal(t, "{}", *reset.JobBookmarkEntry.JobBookmark)
	w.end("etl", w.run("etl", nil))
	got, err = w.glue.GetJobBookmark(t.Context(), &glue.GetJobBookmarkInput{JobName: name})
	require.NoError(t, err)
	require.JSONEq(t, `{"count":1}`, *got.JobBookmarkEntry.JobBookmark)
	require.EqualValues(t, 6, got.JobBookmarkEntry.Version)
}

func TestConcurrentBookmarkChangeIsAConflict(t *testing.T) {
	w := newWorld(t)
	w.job("etl", committer, bookmarked)
	put := func(version int, state string) *http.Response {
		body, err := json.Marshal(map[string]any{"version": version, "state": json.RawMessage(state)})
		require.NoError(t, err)
		url := w.opts.GatewayURL + "/_localaws/bookmarks/etl"
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, url, bytes.NewReader(body))
		require.NoError(t, err)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		t.Cleanup(func() { _ = resp.Body.Close() })
		return resp
	}
	require.Equal(t, http.StatusOK, put(0, `{"by":"first"}`).StatusCode)
	require.Equal(t, http.StatusConflict, put(0, `{"by":"second"}`).StatusCode)
	_, err := w.glue.ResetJobBookmark(t.Context(), &glue.ResetJobBookmarkInput{JobName: aws.String("etl")})
	require.NoError(t, err)
	require.Equal(t, http.StatusConflict, put(1, `{"by":"a run that began before the reset"}`).StatusCode)
	require.Equal(t, http.StatusOK, put(2, `{"by":"third"}`).StatusCode)
}

func TestWithoutBookmarksThereIsNoURL(t *testing.T) {
	w := newWorld(t)
	w.job("plain", "import os\nprint('LOCALAWS_BOOKMARK_URL' in os.environ)", nil)
	id := w.run("plain", map[string]string{"--job-bookmark-option": "job-bookmark-disable"})
	require.Equal(t, types.JobRunStateSucceeded, w.end("plain", id).JobRunState)
	require.Equal(t, "False\n", w.output(id))
}
