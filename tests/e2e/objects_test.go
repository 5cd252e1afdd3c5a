package e2e

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"store-events/program/output"
)

type runReport struct {
	Number  int
	ID      string
	Outcome string
	RowsNew int `json:"rows_new"`
	Unread  map[string]int
	Listing string
}

type manifestReport struct {
	RunID          string `json:"run_id"`
	Listing        string
	CompleteBefore int `json:"complete_before"`
	Findings       []struct{ Finding, Detail string }
	Outcomes       map[string]int
	Objects        []struct{ Object, Outcome, Detail string }
}

// takesAnyObject puts objects with names, sizes and storage classes that nobody
// expects everywhere in the bucket. Every command goes on working, what can be
// read is loaded, and the rest is named.
func (s *stack) takesAnyObject(t *testing.T, out map[string]any, today string) {
	bucket := out[output.Bucket].(string)
	day := "sale_events/dt=" + today + "/"
	names := []string{"cr.json\r", "nl\n.json", "esc\x1b[31m.json", "soh\x01.json", "del\x7f.json", "nonchar\ufffe.json", "plus+%2F&?#.json", "ü雪.json"}
	for i, name := range names {
		s.put(t, out, day+name, fmt.Sprintf("{\"request_id\":\"any-%d\"}\nbad %d\n", i, i))
	}
	long := day + strings.Repeat(strings.Repeat("d", 200)+"/", 4)
	long += strings.Repeat("k", 1024-len(long))
	s.put(t, out, long, "{\"request_id\":\"any-long\"}\nbad\n")
	s.put(t, out, day+"empty.json", "")
	archived := day + "archived\x01.json"
	_, err := s.s3(out).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: &bucket, Key: &archived, Body: strings.NewReader(`{"request_id":"any-archived"}`), StorageClass: types.StorageClassGlacier,
	})
	require.NoError(t, err)
	foreign := []string{"curated/dt=" + today + "/notes\n.txt", "curated/dt=" + today + "/batch_id=1/" + strings.Repeat("f", 900), "curated/readme.md", "curated/dt=" + today + "/"}
	for _, key := range append(foreign, "quarantine/notes.txt/x.md", "bookmarks/x\x02", "elsewhere/\x1b]0;t\x07", "foreign/own") {
		body := "not what one expects here"
		if strings.HasSuffix(key, "/") {
			body = ""
		}
		s.put(t, out, key, body)
	}

	s.run(t, nil, "crawl")
	var r ingestReport
	s.run(t, &r, "ingest")
	require.Equal(t, ingestReport{RowsRead: 2 * (len(names) + 1), RowsNew: len(names) + 1, RowsQuarantined: len(names) + 1}, r)

	failed := s.fails(t, "verify")
	for _, want := range []string{"Athena ended as FAILED", `notes\n.txt`, "storeevents curated clean"} {
		require.Contains(t, failed, want, "local Athena fails on a foreign object, as that of AWS, and it is named")
	}
	require.NotContains(t, failed, "\x1b")
	var status struct {
		Parts []struct{ Kind, State, Detail string }
		Runs  []runReport
	}
	s.run(t, &status, "status")
	for _, p := range status.Parts {
		if p.Kind == "parquet" {
			require.Equal(t, "foreign objects", p.State)
			require.Contains(t, p.Detail, "4 are not the job's")
		}
	}
	require.Equal(t, map[string]int{"archived": 1}, status.Runs[0].Unread)

	var moved []struct{ Key, MovedTo string }
	s.run(t, &moved, "curated", "clean", "--dry-run")
	require.Len(t, moved, len(foreign))
	s.run(t, &moved, "curated", "clean")
	require.Len(t, moved, len(foreign))
	s.run(t, &moved, "curated", "clean")
	require.Empty(t, moved)

	var v struct {
		verification
		UnreadReasons map[string]int `json:"unread_reasons"`
	}
	s.run(t, &v, "verify")
	require.True(t, v.OK)
	require.Equal(t, map[string]int{"archived": 1}, v.UnreadReasons)

	var runs []runReport
	s.run(t, &runs, "runs", "ls", "--limit", "1")
	require.Len(t, runs, 1)
	require.Equal(t, "succeeded", runs[0].Outcome)
	require.Equal(t, len(names)+1, runs[0].RowsNew)
	var m manifestReport
	s.run(t, &m, "runs", "show", strconv.Itoa(runs[0].Number), "--only", "unread")
	require.Equal(t, runs[0].ID, m.RunID)
	require.Equal(t, map[string]int{"archived": 1, "loaded": len(names) + 2}, m.Outcomes)
	require.Len(t, m.Objects, 1)
	require.Equal(t, "s3://"+bucket+"/"+archived, m.Objects[0].Object)
	var rows struct{ Rows [][]*string }
	s.run(t, &rows, "athena", "unread-objects")
	require.Len(t, rows.Rows, 1)
	require.Equal(t, m.Objects[0].Object, *rows.Rows[0][2])
	require.Equal(t, "archived", *rows.Rows[0][3])

	var objects []quarantinedObject
	s.run(t, &objects, "quarantine", "ls")
	for _, key := range []string{day + names[0], day + names[2], long} {
		require.True(t, slices.ContainsFunc(objects, func(o quarantinedObject) bool { return o.Object == key }), "%q", key)
		var entries []struct{ Line string }
		s.run(t, &entries, "quarantine", "show", key)
		require.Len(t, entries, 1)
	}
	text, err := s.command(t.Context(), "quarantine", "ls", "--output", "text").Output()
	require.NoError(t, err)
	require.False(t, bytes.ContainsAny(text, "\x1b\x01\r"), "nothing reaches the terminal raw")
	s.run(t, nil, "backfill", "--from", today, "--to", today)
	s.run(t, &v, "verify")
	require.True(t, v.OK)

	// What follows goes on without it.
	_, err = s.s3(out).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String(bucket), Key: &archived})
	require.NoError(t, err)
	s.run(t, nil, "ingest")
}
