package e2e

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

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

// unexpectedObjects puts objects with unexpected names, sizes and storage classes into
// today's folders and the rest of the bucket.
func unexpectedObjects(today string) (c fieldCase, awkward []string) {
	day := "sale_events/dt=" + today + "/"
	c.objects = map[string]caseObject{
		day + "empty.json":                     {},
		day + "archived\x01.json":              {[]byte(`{"request_id":"any-archived"}`), types.StorageClassGlacier},
		"curated/dt=" + today + "/":            {},
		"quarantine/notes.txt/x.md":            {body: []byte("not what one expects here")},
		"bookmarks/x\x02":                      {body: []byte("not what one expects here")},
		"elsewhere/\x1b]0;t\x07":               {body: []byte("not what one expects here")},
		"foreign/own":                          {body: []byte("not what one expects here")},
		"curated/README.md":                    {body: []byte("not what one expects here")},
		"curated/dt=" + today + "/notes\n.txt": {body: []byte("not what one expects here")},
	}
	c.expect.Unread = map[string]int{"archived": 1}
	names := []string{"cr.json\r", "nl\n.json", "esc\x1b[31m.json", "soh\x01.json", "del\x7f.json", "nonchar\ufffe.json", "plus+%2F&?#.json", "ü雪.json"}
	long := strings.Repeat(strings.Repeat("d", 200)+"/", 4)
	names = append(names, long+strings.Repeat("k", 1024-len(day+long)))
	for i, name := range names {
		key := fmt.Sprintf("any-%d", i)
		c.objects[day+name] = caseObject{body: fmt.Appendf(nil, "{\"request_id\":%q}\nbad %d\n", key, i)}
		c.expect.Rows = append(c.expect.Rows, key)
		c.expect.Quarantined++
		awkward = append(awkward, day+name)
	}
	return c, awkward
}

// reportsForeign expects that foreign objects below curated/ are reported, and moved by the
// suggested command.
func (s *stack) reportsForeign(t *testing.T, n int) {
	t.Helper()
	failed := s.fails(t, "verify")
	for _, want := range []string{"Athena ended as FAILED", `notes\n.txt`, "storeevents curated clean"} {
		require.Contains(t, failed, want, "local Athena fails on a foreign object, like AWS's, and the object is reported")
	}
	require.NotContains(t, failed, "\x1b")
	var status struct {
		Parts []struct{ Kind, State, Detail string }
	}
	s.run(t, &status, "status")
	for _, p := range status.Parts {
		if p.Kind == "parquet" {
			require.Equal(t, "foreign objects", p.State)
			require.Contains(t, p.Detail, fmt.Sprintf("%d not written by the job", n))
		}
	}
	var moved []struct{ Key, MovedTo string }
	s.run(t, &moved, "curated", "clean", "--dry-run")
	require.Len(t, moved, n)
	s.run(t, &moved, "curated", "clean")
	require.Len(t, moved, n)
	s.run(t, &moved, "curated", "clean")
	require.Empty(t, moved)
}

// reportsUnread expects that the last run reports unread objects, in all places in the
// same way.
func (s *stack) reportsUnread(t *testing.T, out map[string]any, rows, below int, unread map[string]int) {
	t.Helper()
	var status struct{ Runs []runReport }
	s.run(t, &status, "status")
	require.Equal(t, unread, status.Runs[0].Unread)
	var runs []runReport
	s.run(t, &runs, "runs", "ls", "--limit", "1")
	require.Len(t, runs, 1)
	require.Equal(t, "succeeded", runs[0].Outcome)
	require.Equal(t, rows, runs[0].RowsNew)
	require.Equal(t, unread, runs[0].Unread)
	number := strconv.Itoa(runs[0].Number)
	var all, m manifestReport
	s.run(t, &all, "runs", "show", number)
	require.Equal(t, below, len(all.Objects), "each object below the streams is in the run's manifest")
	s.run(t, &m, "runs", "show", number, "--only", "unread")
	require.Equal(t, runs[0].ID, m.RunID)
	archived := unread["archived"]
	require.Equal(t, map[string]int{"archived": archived, "loaded": below - archived}, m.Outcomes)
	require.Len(t, m.Objects, archived)
	var named []string
	for _, object := range m.Objects {
		named = append(named, object.Object)
	}
	require.True(t, slices.ContainsFunc(named, func(object string) bool {
		return strings.HasPrefix(object, "s3://"+out[output.Bucket].(string)+"/sale_events/") && strings.HasSuffix(object, "/archived\x01.json")
	}), "%q", named)
	var table struct{ Rows [][]*string }
	s.run(t, &table, "athena", "unread-objects")
	var listed []string
	for _, row := range table.Rows {
		listed = append(listed, *row[2])
		require.Equal(t, "archived", *row[3])
	}
	require.ElementsMatch(t, named, listed)
}

// showsLine expects one quarantined line for each object.
func (s *stack) showsLine(t *testing.T, keys []string) {
	t.Helper()
	var objects []quarantinedObject
	s.run(t, &objects, "quarantine", "ls")
	for _, key := range keys {
		require.True(t, slices.ContainsFunc(objects, func(o quarantinedObject) bool { return o.Object == key }), "%q", key)
		var entries []json.RawMessage
		s.run(t, &entries, "quarantine", "show", key)
		require.Len(t, entries, 1)
	}
}
