package e2e

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"store-events/program/output"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"
)

// fieldCase is a folder of tests/cases: objects with their storage classes, and the
// expected results for their events.
type fieldCase struct {
	objects map[string]caseObject
	expect  struct {
		Rows        []string
		Quarantined int
		Unread      map[string]int
		Values      map[string]map[string]json.RawMessage
	}
}

type caseObject struct {
	body  []byte
	class types.StorageClass
}

// TestEveryCaseAtOnce puts the objects of all cases into one bucket before its first
// crawl. Events are loaded or reported, every command works, and the table, the Parquet
// and the quarantine agree.
func TestEveryCaseAtOnce(t *testing.T) {
	s := newStack(t)
	s.run(t, nil, "up")
	out := s.outputs(t)
	cases := fieldCases(t)
	today := time.Now().UTC().Format(time.DateOnly)
	var awkward []string
	cases["unexpected-objects"], awkward = unexpectedObjects(today)
	objects := map[string]caseObject{}
	for name, c := range cases {
		for key, object := range c.objects {
			if _, taken := objects[key]; taken { // Another case has the key: use another name, to have both.
				key = path.Join(path.Dir(key), name+"-"+path.Base(key))
			}
			objects[key] = object
			_, err := s.s3(out).PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String(out[output.Bucket].(string)), Key: aws.String(key),
				Body: bytes.NewReader(object.body), StorageClass: object.class,
			})
			require.NoError(t, err, "%s %q", name, key)
		}
	}

	s.run(t, nil, "crawl")
	var r ingestReport
	s.run(t, &r, "ingest")
	want, quarantined, unread := expected(cases)
	require.Equal(t, len(want), r.RowsNew)
	require.Equal(t, quarantined, r.RowsQuarantined)
	require.Equal(t, r.RowsRead, r.RowsNew+r.RowsDuplicate+r.RowsQuarantined)
	require.Empty(t, difference(want, s.loadedKeys(t, out)), "keys that should be in the table, or should not")
	s.hasValues(t, out, cases)

	// The first batch has emptied its folders, so put one more object into one of them.
	foreign := below(objects, "curated/") - below(objects, "curated/dt=2026-11-27/batch_id=1/") + 1
	s.put(t, out, "curated/dt="+today+"/batch_id=1/"+strings.Repeat("f", 900), "not what one expects here")
	s.reportsForeign(t, foreign)
	s.differsOnlyByHiddenDays(t, len(want), quarantined, unread)
	s.reportsUnread(t, out, len(want), below(objects, "sale_events/")+below(objects, "inventory_events/"), unread)
	s.showsLine(t, []string{awkward[0], awkward[2], awkward[len(awkward)-1]})

	s.commandsWork(t)
	s.differsOnlyByHiddenDays(t, len(want), quarantined, unread)
	s.run(t, nil, "crawl") // A second crawl also reads the objects that the first run wrote.
	s.run(t, &r, "ingest")
	require.Equal(t, ingestReport{}, r, "a second run finds nothing new")
	s.ranOn(t, out, *glueVersion)
}

// commandsWork runs the other commands on a bucket with unexpected objects.
func (s *stack) commandsWork(t *testing.T) {
	t.Helper()
	var objects []quarantinedObject
	s.run(t, &objects, "quarantine", "ls")
	require.NotEmpty(t, objects)
	for _, object := range objects {
		var entries []struct{ Reason string }
		s.run(t, &entries, "quarantine", "show", object.Object)
		require.NotEmpty(t, entries, object.Object)
	}
	var status struct {
		Parts []struct{ Kind, Name, State, Detail string }
	}
	s.run(t, &status, "status")
	for _, p := range status.Parts {
		require.NotContains(t, []string{"", "error", "missing"}, p.State, "%s %s: %s", p.Kind, p.Name, p.Detail)
	}
	var rows struct{ Rows [][]*string }
	s.run(t, &rows, "athena", "sales-by-store")
	require.NotEmpty(t, rows.Rows)
	var back backfillReport
	today := time.Now().UTC().Format(time.DateOnly)
	s.run(t, &back, "backfill", "--from", "2026-11-24", "--to", today)
	require.Zero(t, back.Run.RowsNew)
	text, err := s.command(t.Context(), "quarantine", "ls", "--output", "text").Output()
	require.NoError(t, err)
	require.NotRegexp(t, "[\x00-\x08\x0b-\x1f\x7f]", string(text), "control characters are escaped")
}

// differsOnlyByHiddenDays expects that verify has no findings except the four days that
// Athena's table does not show, and the note below quarantine/.
func (s *stack) differsOnlyByHiddenDays(t *testing.T, rows, quarantined int, unread map[string]int) {
	t.Helper()
	var report map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(s.fails(t, "verify")), &report))
	const hidden = 4
	var v verification
	raw, err := json.Marshal(report)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	require.Equal(t, verification{Rows: rows, ParquetRows: rows - hidden, Quarantined: quarantined}, v)
	found := map[string]int{}
	for name, raw := range report {
		var difference struct{ Total int }
		if json.Unmarshal(raw, &difference) == nil && difference.Total > 0 {
			found[name] = difference.Total
		}
	}
	require.Equal(t, map[string]int{"missing_parquet": hidden, "uncovered_days": hidden, "unread": unread["archived"], "passed_over": 1}, found)
	var reasons map[string]int
	require.NoError(t, json.Unmarshal(report["unread_reasons"], &reasons))
	require.Equal(t, unread, reasons)
}

// loadedKeys returns the request IDs in the table.
func (s *stack) loadedKeys(t *testing.T, out map[string]any) map[string]bool {
	t.Helper()
	rows, err := s.database(t, out).QueryContext(t.Context(), "SELECT request_id FROM sales_txns_tbl")
	require.NoError(t, err)
	defer func() { require.NoError(t, rows.Close()) }()
	keys := map[string]bool{}
	for rows.Next() {
		var key string
		require.NoError(t, rows.Scan(&key))
		require.False(t, keys[key], "%s twice", key)
		keys[key] = true
	}
	require.NoError(t, rows.Err())
	return keys
}

// hasValues compares columns of individual rows with the cases.
func (s *stack) hasValues(t *testing.T, out map[string]any, cases map[string]fieldCase) {
	t.Helper()
	db := s.database(t, out)
	for name, c := range cases {
		for key, values := range c.expect.Values {
			for column, want := range values {
				var got string
				require.NoError(t, db.QueryRowContext(t.Context(),
					"SELECT CAST("+column+" AS CHAR) FROM sales_txns_tbl WHERE request_id = ?", key).Scan(&got))
				text := strings.Trim(string(want), `"`)
				require.Equal(t, text, got, "%s %s %s", name, key, column)
			}
		}
	}
}

// expected sums up the expected results of all cases.
func expected(cases map[string]fieldCase) (keys map[string]bool, quarantined int, unread map[string]int) {
	keys, unread = map[string]bool{}, map[string]int{}
	for _, c := range cases {
		for _, row := range c.expect.Rows {
			for _, key := range keyRange(row) {
				keys[key] = true
			}
		}
		quarantined += c.expect.Quarantined
		for reason, n := range c.expect.Unread {
			unread[reason] += n
		}
	}
	return keys, quarantined, unread
}

var numbered = regexp.MustCompile(`^(.*?)(\d+)\.\.\D.*?(\d+)$`)

// keyRange returns one key, or all keys of a range such as "b04-m0000..b04-m4199".
func keyRange(text string) []string {
	m := numbered.FindStringSubmatch(text)
	if m == nil {
		return []string{text}
	}
	first, _ := strconv.Atoi(m[2])
	last, _ := strconv.Atoi(m[3])
	var keys []string
	for n := first; n <= last; n++ {
		keys = append(keys, fmt.Sprintf("%s%0*d", m[1], len(m[2]), n))
	}
	return keys
}

func difference(a, b map[string]bool) []string {
	var only []string
	for key := range maps.Keys(a) {
		if !b[key] {
			only = append(only, "-"+key)
		}
	}
	for key := range maps.Keys(b) {
		if !a[key] {
			only = append(only, "+"+key)
		}
	}
	slices.Sort(only)
	return only
}

func below(objects map[string]caseObject, prefix string) int {
	n := 0
	for key := range objects {
		if strings.HasPrefix(key, prefix) {
			n++
		}
	}
	return n
}

// fieldCases reads the cases of tests/cases, by folder.
func fieldCases(t *testing.T) map[string]fieldCase {
	t.Helper()
	found := map[string]fieldCase{}
	files, err := filepath.Glob("../cases/*/expect.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		folder := filepath.Dir(file)
		c := fieldCase{objects: caseObjects(t, folder)}
		require.NoError(t, json.Unmarshal(content(t, file), &c.expect), file)
		found[filepath.Base(folder)] = c
	}
	return found
}

// caseObjects returns the files of a case by path, or by the key in manifest.json if
// the key is not a valid file name.
func caseObjects(t *testing.T, folder string) map[string]caseObject {
	t.Helper()
	objects := map[string]caseObject{}
	var manifest []struct {
		Key, File string
		Packed    bool
		Args      struct{ StorageClass types.StorageClass }
	}
	if raw, err := os.ReadFile(filepath.Join(folder, "manifest.json")); err == nil { //nolint:gosec // A file of the test.
		require.NoError(t, json.Unmarshal(raw, &manifest), folder)
		for _, m := range manifest {
			body := content(t, filepath.Join(folder, m.File))
			if m.Packed {
				body = unpacked(t, body)
			}
			objects[m.Key] = caseObject{body, m.Args.StorageClass}
		}
		return objects
	}
	require.NoError(t, filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == "expect.json" {
			return err
		}
		key, err := filepath.Rel(folder, file)
		objects[filepath.ToSlash(key)] = caseObject{body: content(t, file)}
		return err
	}))
	return objects
}

func content(t *testing.T, file string) []byte {
	t.Helper()
	raw, err := os.ReadFile(file) //nolint:gosec // A file of the test.
	require.NoError(t, err)
	return raw
}

func unpacked(t *testing.T, body []byte) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(body))
	require.NoError(t, err)
	raw, err := io.ReadAll(r)
	require.NoError(t, err)
	return raw
}
