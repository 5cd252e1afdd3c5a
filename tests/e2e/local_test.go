// Package e2e runs the product like a user: the built CLI, the real engine,
// providers, Spark and database. Its tests check rows, objects and catalog entries,
// not only states.
package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/require"

	"localaws/database/engine"
	"store-events/preflight"
	"store-events/program/output"
	"store-events/tests/testtools"
)

type demoReport struct {
	Stages   []struct{ Stage, Result string }
	Database string
	Arrived  struct {
		EventsProduced int `json:"events_produced"`
		Objects        int `json:"objects"`
		CatalogTables  int `json:"catalog_tables"`
		Rows           int `json:"rows"`
		ParquetRows    int `json:"parquet_rows"`
		Quarantined    int `json:"quarantined"`
		RowsNew        int `json:"rows_new"`
		QuarantinedNew int `json:"quarantined_new"`
	}
	Invalid string
}

type verification struct {
	OK          bool `json:"ok"`
	Rows        int  `json:"rows"`
	ParquetRows int  `json:"parquet_rows"`
	Quarantined int  `json:"quarantined"`
}

type ingestReport struct {
	RowsRead        int `json:"rows_read"`
	RowsNew         int `json:"rows_new"`
	RowsDuplicate   int `json:"rows_duplicate"`
	RowsQuarantined int `json:"rows_quarantined"`
}

type quarantinedObject struct {
	Object  string
	Reasons map[string]int
	InTable int `json:"in_table"`
	Current bool
}

type replayReport struct {
	Events  int
	RowsNew int `json:"rows_new"`
	There   int `json:"rows_already_there"`
}

type backfillReport struct {
	Objects []struct{ Object string }
	Run     *ingestReport
}

// TestLocalStack is one scenario: each part depends on the previous ones.
func TestLocalStack(t *testing.T) {
	s := newStack(t)
	require.Contains(t, s.fails(t, "status"), "stack local is not deployed: run `storeevents up --stack local` first")
	require.Empty(t, processesOf(t, s.state), "nothing is started for a missing stack")
	const events = 400
	var demo demoReport
	s.run(t, &demo, "demo", "--events", strconv.Itoa(events))
	require.Equal(t, 2*events, demo.Arrived.EventsProduced)
	require.Equal(t, 2*events, demo.Arrived.Rows)
	require.Equal(t, 2*events, demo.Arrived.ParquetRows)
	require.Equal(t, 2, demo.Arrived.CatalogTables)
	require.Positive(t, demo.Arrived.Objects)
	require.Equal(t, 2*events, demo.Arrived.RowsNew)
	require.Equal(t, 1, demo.Arrived.QuarantinedNew)
	require.Equal(t, 1, demo.Arrived.Quarantined)
	server, err := engine.Open(testtools.Database(t))
	require.NoError(t, err)
	require.Equal(t, server.String(), demo.Database)
	raw, err := s.command(t.Context(), "local", "status", "--output", "text").Output()
	require.NoError(t, err)
	require.Contains(t, string(raw), server.String()+" at 127.0.0.1:")
	out := s.outputs(t)
	db := s.database(t, out)
	count := func(query string) (n int) {
		t.Helper()
		require.NoError(t, db.QueryRowContext(t.Context(), query).Scan(&n))
		return n
	}
	require.Equal(t, 2*events, count("SELECT count(*) FROM sales_txns_tbl"))
	s.ranOn(t, out, *glueVersion)

	t.Run("a second update changes nothing", func(t *testing.T) {
		var up struct {
			Changes map[string]int
			Steps   []struct {
				Op, Type, Name string
				Diffs          []string
			}
		}
		s.run(t, &up, "up")
		for _, step := range up.Steps {
			require.Equal(t, "same", step.Op, "%s %s: %v", step.Type, step.Name, step.Diffs)
		}
		require.Greater(t, up.Changes["same"], 50)
	})

	t.Run("the console and the report show it", func(t *testing.T) {
		var key string
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT request_id FROM sales_txns_tbl LIMIT 1").Scan(&key))
		s.console(t, 2*events, key)
		s.report(t)
	})

	t.Run("what is deployed satisfies the policies", s.passesPolicies)

	t.Run("preflight recognizes the stack's resources", func(t *testing.T) {
		var report preflight.Report
		s.run(t, &report, "preflight")
		require.Greater(t, len(report.Findings), 6)
		for _, f := range report.Findings {
			require.Equal(t, preflight.OK, f.Status, "%s: %s", f.ID, f.What)
		}
	})

	t.Run("an ordinary AWS client runs the pipeline", func(t *testing.T) {
		raw, err := json.Marshal(out)
		require.NoError(t, err)
		file := filepath.Join(t.TempDir(), "outputs.json")
		require.NoError(t, os.WriteFile(file, raw, 0o600))
		cmd := exec.CommandContext(t.Context(), testtools.Python(t), "client.py", file) //nolint:gosec // The Python of the setup.
		cmd.Env = s.clientEnv(t)
		report, err := cmd.Output()
		var exit *exec.ExitError
		if err != nil {
			require.ErrorAs(t, err, &exit)
			t.Fatalf("client.py: %v\n%s", err, exit.Stderr)
		}
		t.Logf("client.py: %s", report)
		require.Equal(t, 2*events+57, count("SELECT count(*) FROM sales_txns_tbl"))
	})

	today := time.Now().UTC().Format(time.DateOnly)
	t.Run("the workflow crawls and then ingests, and an archived object is not a difference", func(t *testing.T) {
		before := count("SELECT count(*) FROM sales_txns_tbl")
		s.run(t, nil, "produce", "--events", "11")
		bucket, archived := aws.String(out[output.Bucket].(string)), aws.String("sale_events/dt="+today+"/archived.json")
		_, err := s.s3(out).PutObject(t.Context(), &s3.PutObjectInput{
			Bucket: bucket, Key: archived, Body: strings.NewReader(`{"request_id":"archived"}`), StorageClass: types.StorageClassGlacier,
		})
		require.NoError(t, err)
		s.run(t, nil, "run")
		require.Equal(t, before+11, count("SELECT count(*) FROM sales_txns_tbl"))
		var v struct {
			verification
			UnreadReasons map[string]int `json:"unread_reasons"`
		}
		s.run(t, &v, "verify")
		require.True(t, v.OK)
		require.Equal(t, map[string]int{"archived": 1}, v.UnreadReasons)
		all := v.verification
		s.run(t, &v, "verify", "--from", "2000-01-01", "--to", today)
		require.True(t, v.OK)
		require.Equal(t, all, v.verification, "all objects have a day")
		s.run(t, &v, "verify", "--from", today, "--to", today)
		require.True(t, v.OK)
		require.Equal(t, count("SELECT count(*) FROM sales_txns_tbl WHERE dt = current_date"), v.Rows)
		_, err = s.s3(out).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: archived})
		require.NoError(t, err)
	})

	t.Run("all passwords change, and the reader can only read", func(t *testing.T) {
		for _, secret := range []string{output.LoaderSecretArn, output.ReaderSecretArn, output.MasterSecretArn} {
			old := open(t, s.rotate(t, out, secret))
			require.ErrorContains(t, old.PingContext(t.Context()), "Access denied", secret)
		}
		reader := open(t, s.login(t, out, output.ReaderSecretArn))
		var rows, batches, objects int
		require.NoError(t, reader.QueryRowContext(t.Context(), `SELECT (SELECT count(*) FROM sales_txns_tbl),
			(SELECT count(*) FROM etl_batches), (SELECT count(*) FROM etl_objects)`).Scan(&rows, &batches, &objects))
		require.Greater(t, rows, 2*events)
		require.Positive(t, batches)
		require.Positive(t, objects)
		_, err := reader.ExecContext(t.Context(), "DELETE FROM sales_txns_tbl")
		require.ErrorContains(t, err, "DELETE command denied")
	})
	db = s.database(t, out) // With the new password.

	hostile, cut := "sale_events/dt="+today+"/hostile.json", "inventory_events/dt="+today+"/cut.json.gz"
	t.Run("with the new passwords, invalid lines are kept with their reason, the valid ones are loaded", func(t *testing.T) {
		before := count("SELECT count(*) FROM sales_txns_tbl")
		s.run(t, nil, "produce", "--events", "5")
		s.put(t, out, hostile, strings.Join([]string{
			`{"request_id":"hostile-1","sales":12.5,"event_type":"sale_event","color":"red"}`,
			`not json`,
			`["an array"]`,
			`{"sales":1}`,
			`{"request_id":"hostile-2","qty":"many"}`,
			``,
		}, "\n"))
		whole := gzipped(t, "{\"request_id\":\"cut-1\"}\n{\"request_id\":\"cut-2\"}\n")
		s.put(t, out, cut, whole[:len(whole)-4])
		var r ingestReport
		s.run(t, &r, "ingest", "--reset-bookmark")
		require.Equal(t, ingestReport{RowsRead: 13, RowsNew: 8, RowsQuarantined: 5}, r, "the ledger decides what is loaded, not the bookmark")
		require.Equal(t, before+8, count("SELECT count(*) FROM sales_txns_tbl"))
		require.Equal(t, 1, count(`SELECT count(*) FROM sales_txns_tbl WHERE request_id = 'hostile-1' AND JSON_UNQUOTE(JSON_EXTRACT(extra, '$.color')) = 'red'`))
		s.verified(t, 6)
	})

	t.Run("the quarantine is listed and shown", func(t *testing.T) {
		var objects []quarantinedObject
		s.run(t, &objects, "quarantine", "ls", "--from", today)
		require.Equal(t, []quarantinedObject{
			{cut, map[string]int{"cut_short": 1}, 0, true},
			{hostile, map[string]int{"not_json_object": 2, "missing_key": 1, "bad_field:qty": 1}, 0, true},
			{demo.Invalid, map[string]int{"bad_field:sales": 1}, 0, true},
		}, objects)
		var entries []struct {
			Reason string
			Line   int `json:"line_number"`

			Explanation string
			InTable     bool `json:"in_table"`
		}
		s.run(t, &entries, "quarantine", "show", demo.Invalid)
		require.Equal(t, `sales: "ten" is not decimal(12,2)`, entries[0].Explanation)
		require.False(t, entries[0].InTable)
		s.run(t, &entries, "quarantine", "show", cut)
		require.Len(t, entries, 1)
		require.Equal(t, 3, entries[0].Line)
		raw, err := s.command(t.Context(), "quarantine", "show", hostile, "--line", "5", "--raw").Output()
		require.NoError(t, err)
		require.Equal(t, "{\"request_id\":\"hostile-2\",\"qty\":\"many\"}\n", string(raw))
	})

	t.Run("a corrected line is loaded once", func(t *testing.T) {
		before := count("SELECT count(*) FROM sales_txns_tbl")
		file := filepath.Join(t.TempDir(), "fixed.jsonl")
		require.NoError(t, os.WriteFile(file, []byte("not corrected\n"), 0o600))
		require.Contains(t, s.fails(t, "quarantine", "replay", "--file", file), "line 1: not_json_object")
		line := `{"request_id":"hostile-2","qty":3,"event_type":"sale_event","ts":"` + today + `T10:20:30Z"}`
		require.NoError(t, os.WriteFile(file, []byte(line+"\n"), 0o600))
		var r replayReport
		s.run(t, &r, "quarantine", "replay", "--file", file)
		require.Equal(t, replayReport{Events: 1, RowsNew: 1}, r)
		s.run(t, &r, "quarantine", "replay", "--file", file)
		require.Equal(t, replayReport{Events: 1, There: 1}, r)
		require.Equal(t, before+1, count("SELECT count(*) FROM sales_txns_tbl"))
		require.Equal(t, 1, count("SELECT count(*) FROM sales_txns_tbl WHERE request_id = 'hostile-2' AND qty = 3 AND dt = '"+today+"'"))
		var entries []struct {
			InTable bool `json:"in_table"`
		}
		s.run(t, &entries, "quarantine", "show", hostile, "--line", "5")
		require.True(t, entries[0].InTable, "the corrected line is marked")
		var objects []quarantinedObject
		s.run(t, &objects, "quarantine", "ls", "--reason", "bad_field:qty")
		require.Equal(t, []quarantinedObject{{hostile, map[string]int{"bad_field:qty": 1}, 1, true}}, objects)
	})

	t.Run("lines that are still invalid stay in quarantine after a replay", func(t *testing.T) {
		// Like an object that a run has not read completely.
		half, err := db.ExecContext(t.Context(), "UPDATE etl_objects SET complete = FALSE WHERE complete AND source_object LIKE ?", "%/"+hostile)
		require.NoError(t, err)
		changed, err := half.RowsAffected()
		require.NoError(t, err)
		require.EqualValues(t, 1, changed)
		var r struct{ Objects, Lines, Loaded, Stay int }
		s.run(t, &r, "quarantine", "replay")
		require.Equal(t, struct{ Objects, Lines, Loaded, Stay int }{3, 6, 0, 6}, r)
		s.verified(t, 6)
	})

	t.Run("a backfill restores rows and Parquet of its days", func(t *testing.T) {
		before := count("SELECT count(*) FROM sales_txns_tbl")
		var from, to string
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT min(dt), max(dt) FROM sales_txns_tbl").Scan(&from, &to))
		_, err := db.ExecContext(t.Context(), "DELETE FROM sales_txns_tbl ORDER BY request_id LIMIT 100")
		require.NoError(t, err)
		s.removeAll(t, out, "curated/dt="+today+"/")
		var r backfillReport
		s.run(t, &r, "backfill", "--from", from, "--to", to, "--dry-run")
		require.Nil(t, r.Run)
		require.Greater(t, len(r.Objects), 2)
		s.run(t, &r, "backfill", "--from", from, "--to", to)
		require.Equal(t, 100, r.Run.RowsNew)
		require.Equal(t, before, count("SELECT count(*) FROM sales_txns_tbl"))
		s.verified(t, 6)
	})

	t.Run("status has every part", func(t *testing.T) {
		var status struct {
			Parts []struct{ Kind, Name, State, Detail string }
		}
		s.run(t, &status, "status")
		require.Greater(t, len(status.Parts), 6)
		for _, p := range status.Parts {
			require.NotContains(t, []string{"", "error", "missing"}, p.State, "%s %s: %s", p.Kind, p.Name, p.Detail)
		}
	})

	t.Run("queries run on both engines", func(t *testing.T) {
		var rows struct {
			Columns []string
			Rows    [][]string
		}
		s.run(t, &rows, "query", "SELECT count(*) AS n FROM sales_txns_tbl")
		require.Equal(t, []string{"n"}, rows.Columns)
		names, ok := out[output.NamedQueries].(map[string]any)
		require.True(t, ok)
		require.Len(t, names, 5)
		for name := range names {
			s.run(t, &rows, "athena", name)
			require.NotEmpty(t, rows.Columns, name)
			require.Equal(t, name == "unread-objects", len(rows.Rows) == 0, name)
		}
	})

	t.Run("a column is converted if every value fits", func(t *testing.T) { s.migratesColumns(t, out, today) })

	t.Run("state survives a restart", func(t *testing.T) {
		before := count("SELECT count(*) FROM sales_txns_tbl")
		s.run(t, nil, "local", "stop")
		var v verification
		s.run(t, &v, "verify") // Starts it again.
		require.True(t, v.OK)
		require.Equal(t, before, v.Rows)
		require.Equal(t, before, v.ParquetRows)
	})

	t.Run("verify reports missing and surplus rows", func(t *testing.T) {
		db := s.database(t, out)
		// The last batch still has all its rows. Rows of earlier batches may belong to earlier versions,
		// because the backfill has read their objects again.
		_, err := db.ExecContext(t.Context(), "UPDATE sales_txns_tbl SET request_id = 'not-an-event', batch_position = 1000000000,"+
			" batch_id = (SELECT max(batch_id) FROM etl_objects) WHERE request_id = 'hostile-1'")
		require.NoError(t, err)
		type findings struct {
			Total int
			First []struct{ Key string }
		}
		var report struct {
			Missing findings `json:"missing_rows"`
			Surplus findings `json:"surplus_rows"`
		}
		require.NoError(t, json.Unmarshal([]byte(s.fails(t, "verify")), &report))
		require.Equal(t, findings{1, []struct{ Key string }{{"hostile-1"}}}, report.Missing)
		require.Equal(t, findings{1, []struct{ Key string }{{"not-an-event"}}}, report.Surplus)
	})

	t.Run("every command prints one JSON document", func(t *testing.T) { s.printsJSON(t, demo.Invalid) })

	t.Run("teardown leaves no processes and no state", func(t *testing.T) {
		processes := processesOf(t, s.state)
		require.NotEmpty(t, processes, "the stack runs")
		for _, name := range []string{"a+b", "c%2Fd", "e f", "g\x01h", "i\x1b[31m", "j\nk", "l//m", "ü雪"} {
			s.put(t, out, "other/"+name, "x") // Keys that must not prevent the bucket from being emptied.
		}
		s.run(t, nil, "down")
		require.NoDirExists(t, s.state)
		require.Empty(t, processesOf(t, s.state))
		for pid, name := range processes {
			require.Eventually(t, func() bool { return ended(pid) }, 10*time.Second, 50*time.Millisecond, name)
		}
	})
}

// processesOf returns the processes with the state folder in their command line
// or environment, by id.
func processesOf(t *testing.T, state string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, file := range []string{"cmdline", "environ"} {
		paths, err := filepath.Glob("/proc/[0-9]*/" + file)
		require.NoError(t, err)
		for _, p := range paths {
			raw, err := os.ReadFile(p)                              //nolint:gosec // A file of the kernel.
			if err == nil && strings.Contains(string(raw), state) { // An error means that the process has ended.
				cmdline, _ := os.ReadFile(filepath.Join(filepath.Dir(p), "cmdline"))
				found[filepath.Base(filepath.Dir(p))] = strings.ReplaceAll(string(cmdline), "\x00", " ")
			}
		}
	}
	return found
}

// ended reports whether a process has ended; a zombie counts as ended.
func ended(pid string) bool {
	stat, err := os.ReadFile(filepath.Join("/proc", pid, "stat")) //nolint:gosec // A file of the kernel.
	if err != nil {
		return true
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(rest, "Z")
}
