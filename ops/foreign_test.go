package ops

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The objects are those of the fault case of foreign objects in curated/.
func TestForeignObjectsAreReported(t *testing.T) {
	raw, err := os.ReadFile("../tests/cases/foreign-objects-in-curated/manifest.json")
	require.NoError(t, err)
	var puts []struct{ Key, File string }
	require.NoError(t, json.Unmarshal(raw, &puts))
	w := newWorld(t)
	for _, p := range puts {
		w.objects[p.Key], err = os.ReadFile("../tests/cases/foreign-objects-in-curated/" + p.File)
		require.NoError(t, err)
	}
	own := []string{"curated/dt=2026-11-27/batch_id=100000000/rows.parquet", "curated/dt=2026-11-28/batch_id=7/rows.parquet"}
	read := []string{
		"curated/dt=2026-11-27/batch_id=7/rows.parquet2", "curated/dt=2026-11-27/batch_id=x/rows.parquet", "curated/dt=2026-11-27/notes.txt",
		"curated/dt=2026-11-27/x\n/batch_id=7/rows.parquet",
	}
	for _, key := range append(own, read...) {
		w.objects[key] = []byte("PAR1")
	}
	v := w.verify(abcd, abcd...)
	var named []string
	for _, f := range v.ForeignObjects.First {
		named = append(named, f.Key)
	}
	require.Equal(t, read, named)
	require.Equal(t, 5, v.PassedOver.Total)
	require.ErrorContains(t, v.Err(), "4 objects in the Parquet's folders that the job did not write: ")
	require.ErrorContains(t, v.Err(), "curated/dt=2026-11-27/notes.txt: `storeevents curated clean --stack test` moves it to foreign/")
	require.Contains(t, v.Summary(), "5 objects below curated/ and quarantine/ were not written by the job and are not read: ")

	part, err := w.curatedStatus(t.Context())
	require.NoError(t, err)
	require.Equal(t, "foreign objects", part.State)
	require.True(t, strings.HasPrefix(part.Detail, "2 objects; 9 not written by the job: "), part.Detail)
	require.Equal(t, []Count{{"objects", 2}}, part.Counts)

	w.answers("GetQueryExecution", document{"QueryExecution": document{"Status": document{"State": "FAILED", "StateChangeReason": "not Parquet"}}})
	_, err = w.Verify(t.Context())
	require.ErrorContains(t, err, "not Parquet\n4 objects in the Parquet's folders were not written by the job: ")

	listed, err := w.ForeignInCurated(t.Context())
	require.NoError(t, err)
	require.Len(t, listed, 9)
	moved, err := w.MoveForeign(t.Context(), listed)
	require.NoError(t, err)
	require.Len(t, moved, 9)
	for _, key := range own {
		require.Contains(t, w.objects, key)
	}
	for _, f := range moved {
		require.NotContains(t, w.objects, f.Key)
		require.Contains(t, w.objects, f.MovedTo)
		require.True(t, strings.HasPrefix(f.MovedTo, "foreign/curated/"), f.MovedTo)
	}
	left, err := w.ForeignInCurated(t.Context())
	require.NoError(t, err)
	require.Empty(t, left)
}

// A foreign object must not fail verify forever.
func TestForeignObjectsInTheQuarantineAreReported(t *testing.T) {
	w := newWorld(t)
	foreign := map[string]string{
		"quarantine/notes.txt/x.md":                                       "not an entry",
		"quarantine/sale_events/":                                         "",
		"quarantine/notes.jsonl":                                          "{}\n",
		"quarantine/sale_events/export/2026.jsonl":                        `{"request_id":"a"}` + "\n",
		"quarantine/" + saleObject + "/v/000000000001-jr.jsonl":           string(entry(t, QuarantineEntry{Reason: "bad_key", Number: 1})) + "x\n",
		"quarantine/sale_events/a~0123456789abcdef0123456789abcdef.jsonl": "text",
		"quarantine/sale_events/a+b c=ü%2B.txt":                           "text",
	}
	for key, body := range foreign {
		w.objects[key] = []byte(body)
	}
	v := w.verify(abcd, abcd...)
	require.NoError(t, v.Err())
	require.Equal(t, len(foreign), v.PassedOver.Total)
	require.Contains(t, v.PassedOver.First, Finding{Key: "quarantine/notes.jsonl", Detail: "`storeevents quarantine clean --stack test` moves it to foreign/"})
	require.Zero(t, v.EarlierQuarantine, "lines of foreign objects are not counted")
	found, err := w.Quarantine(t.Context(), QuarantineFilter{})
	require.NoError(t, err)
	require.Len(t, found, 2)

	listed, err := w.ForeignInQuarantine(t.Context())
	require.NoError(t, err)
	moved, err := w.MoveForeign(t.Context(), listed)
	require.NoError(t, err)
	require.Len(t, moved, len(foreign))
	for _, f := range moved {
		require.Contains(t, foreign, f.Key)
		require.NotContains(t, w.objects, f.Key)
		require.Equal(t, "foreign/"+f.Key, f.MovedTo)
	}
	require.Zero(t, w.verify(abcd, abcd...).PassedOver.Total)
}

func TestQuarantineShowsReasonsAndLoadedLines(t *testing.T) {
	w := newWorld(t)
	line := func(key, sales string) string { return `{"request_id":"` + key + `","sales":` + sales + `}` }
	w.put("sale_events/bad.json", []byte(line("a", `"ten"`)+"\n"+line("z", "[1]")+"\n"),
		QuarantineEntry{Reason: "bad_field:sales", Number: 1, Line: line("a", `"ten"`)},
		QuarantineEntry{Reason: "bad_field:sales", Number: 2, Line: line("z", "[1]")},
		QuarantineEntry{Reason: "not_json_object", Number: 3, Line: "x"})
	w.verify(abcd, abcd...) // Serve the tables.
	entries, err := w.QuarantineEntries(t.Context(), "sale_events/bad.json", 0)
	require.NoError(t, err)
	require.Len(t, entries, 3)
	require.Equal(t, `sales: "ten" is not decimal(12,2)`, entries[0].Explanation)
	require.True(t, entries[0].InTable)
	require.Equal(t, "sales: [1] is not decimal(12,2)", entries[1].Explanation)
	require.False(t, entries[1].InTable)
	require.Empty(t, entries[2].Explanation)
}

// Only lines with a readable key can be found in the table.
func TestQuarantineCountsWhatWasLoadedSince(t *testing.T) {
	w := newWorld(t)
	w.put("sale_events/bad.json", []byte("x"),
		QuarantineEntry{Reason: "bad_field:sales", Number: 1, Last: 3, Lines: 3, Line: `{"request_id":"a","sales":"ten"}`},
		QuarantineEntry{Reason: "bad_field:qty", Number: 4, Line: `{"request_id":"z","qty":"ten"}`},
		QuarantineEntry{Reason: "not_json_object", Number: 5, Line: "x"})
	w.verify(abcd, abcd...) // Serve the tables.
	for reason, want := range map[string]int{"": 3, "bad_field:": 3, "bad_field:qty": 0} {
		found, err := w.Quarantine(t.Context(), QuarantineFilter{Reason: reason, Stream: "sale_events"})
		require.NoError(t, err)
		require.Equal(t, want, found[0].InTable, reason)
	}
}
