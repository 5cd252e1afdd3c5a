package ops

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/database"
	"localaws/database/engine"
	"store-events/ops/internal/query"
	"store-events/tests/testtools"
)

// withDatabase starts a real server and serves its secret.
func withDatabase(t *testing.T, f *fakeAWS) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	state := t.TempDir()
	servers, err := database.Open(database.Options{ServerDir: testtools.Database(t), StateDir: state, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	f.objects["scripts/ca.pem"], err = os.ReadFile(database.CAFile(state))
	require.NoError(t, err)
	spec := database.Spec{
		ID: "ops", User: "mystiquemaster", Password: "pass word'\"\\", Database: "store_events", Port: port,
		Parameters: map[string]string{"require_secure_transport": "1"},
	}
	require.NoError(t, servers.Create(t.Context(), spec))
	t.Cleanup(func() { require.NoError(t, servers.Delete(spec.ID)) })
	text, err := json.Marshal(document{
		"username": spec.User, "password": spec.Password, "host": "127.0.0.1", "port": port, "dbname": spec.Database,
	})
	require.NoError(t, err)
	f.answers("GetSecretValue", document{"SecretString": string(text)})
}

func TestQueryDirect(t *testing.T) {
	f, o := newFake(t)
	withDatabase(t, f)
	run := func(sql string) Rows {
		rows, err := o.Query(t.Context(), sql)
		require.NoError(t, err)
		return rows
	}
	require.NotEmpty(t, run("show session status like 'Ssl_cipher'").Rows[0][1], "the connection is encrypted")
	n, err := o.CountRows(t.Context())
	require.NoError(t, err)
	require.Zero(t, n, "the table is missing")
	first, err := o.ledger.FirstRemembered(t.Context(), 90)
	require.NoError(t, err)
	require.Zero(t, first)
	run("create table " + query.Identifier(o.stack.TargetTable) + " (request_id varchar(36) primary key, sales decimal(12,2), ts datetime(3))")
	run("insert into sales_txns_tbl values ('a', 12.5, '2026-05-01 10:20:30.123'), ('b\t', null, null)")
	require.Equal(t, Rows{
		Columns: []string{"request_id", "sales", "ts"},
		Rows:    [][]Cell{{{Text: "a"}, {Text: "12.50"}, {Text: "2026-05-01 10:20:30.123"}}, {{Text: "b\t"}, {Null: true}, {Null: true}}},
	}, run("select * from sales_txns_tbl order by 1"))
	n, err = o.CountRows(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	e, err := engine.Open(testtools.Database(t))
	require.NoError(t, err)
	server, err := o.DatabaseServer(t.Context())
	require.NoError(t, err)
	require.Equal(t, e.String(), server)
	require.Equal(t, texts([]string{`it's \`}), run("select "+query.Literal(`it's \`)).Rows)
	_, err = o.Query(t.Context(), "select * from nothing")
	require.ErrorContains(t, err, "nothing")

	run("create table etl_batches (batch_id int, run_id text, rows_read bigint, rows_new bigint, rows_duplicate bigint, rows_quarantined bigint)")
	l, err := o.ledger.Loaded(t.Context(), "jr_1")
	require.NoError(t, err)
	require.Zero(t, l, "a run that found nothing new")
	run("insert into etl_batches values (1, 'jr_1', 5, 3, 1, 1), (2, 'jr_1_attempt_1', 5, 5, 0, 0), (3, 'jr_2', 9, 9, 0, 0)")
	l, err = o.ledger.Loaded(t.Context(), "jr_1")
	require.NoError(t, err)
	require.Equal(t, Loaded{Batches: 2, RowsRead: 10, RowsNew: 8, RowsDuplicate: 1, RowsQuarantined: 1}, l)
}

// An entry restored from the table has no run and no counts.
func TestReplacedBatches(t *testing.T) {
	f, o := newFake(t)
	withDatabase(t, f)
	for _, sql := range []string{
		"create table etl_batches (batch_id bigint primary key, run_id varchar(128) not null, rows_read bigint not null)",
		"insert into etl_batches values (1, 'jr_1', 5), (2, 'jr_1', 5), (3, 'jr_1', 5), (4, '', 0), (5, 'jr_2', 0)",
		"create table etl_objects (object_id binary(32), batch_id bigint, rows_read bigint not null)",
		"insert into etl_objects values ('a', 1, 2), ('b', 1, 3), ('c', 2, 4)",
	} {
		_, err := o.Query(t.Context(), sql)
		require.NoError(t, err)
	}
	var replaced []int64
	require.NoError(t, o.ledger.EachReplaced(t.Context(), func(batch int64) { replaced = append(replaced, batch) }))
	require.ElementsMatch(t, []int64{2, 3, 4}, replaced)
}

// The ledger deletes the batches of deleted objects. Its history keeps the lines of each run.
func TestForgottenRuns(t *testing.T) {
	f, o := newFake(t)
	withDatabase(t, f)
	forgotten := func() (runs []int) {
		require.NoError(t, o.ledger.EachForgotten(t.Context(), func(run int) { runs = append(runs, run) }))
		return runs
	}
	require.Empty(t, forgotten(), "before the first run")
	for _, sql := range []string{
		"create table etl_batches (batch_id bigint primary key, rows_read bigint not null)",
		"insert into etl_batches values (200000000, 5), (200010000, 4), (300000000, 5), (500000000, 7)",
		"create table etl_runs (run_number bigint primary key, rows_read bigint not null)",
		"insert into etl_runs values (1, 3), (2, 9), (3, 8), (4, 0), (5, 0)",
	} {
		_, err := o.Query(t.Context(), sql)
		require.NoError(t, err)
	}
	require.ElementsMatch(t, []int{1, 3}, forgotten())
}

func TestRuns(t *testing.T) {
	f, o := newFake(t)
	withDatabase(t, f)
	runs, err := o.Runs(t.Context(), shownRuns)
	require.NoError(t, err)
	require.Empty(t, runs, "before the first run")

	for _, sql := range []string{
		"create table etl_runs (run_number bigint primary key, ledger_id char(32), run_id varchar(128), started_at datetime(3)," +
			" ended_at datetime(3) null, outcome varchar(16) null, rows_read bigint, rows_new bigint, rows_duplicate bigint," +
			" rows_quarantined bigint)",
		"insert into etl_runs values (1, 'l', 'jr_1', '2026-05-01 10:20:30.123', '2026-05-01 10:21:30', 'succeeded', 5, 3, 1, 1)," +
			" (2, 'l', 'jr_2', '2026-05-01 11:20:30', null, 'died', 0, 0, 0, 0), (3, 'l', 'jr_3', '2026-05-01 12:20:30', null, null, 0, 0, 0, 0)",
		"insert into etl_runs select run_number - 3, 'l', 'jr', started_at, ended_at, outcome, 0, 0, 0, 0 from etl_runs",
	} {
		_, err = o.Query(t.Context(), sql)
		require.NoError(t, err)
	}
	f.objects["bookmarks/job/runs/jr_1/part-00000.jsonl"] = []byte(`{"kind":"run","objects":{"listed":3},"unread":{"archived":2}}` + "\n" + `not read`)
	runs, err = o.Runs(t.Context(), shownRuns)
	require.NoError(t, err)
	require.Len(t, runs, shownRuns)
	require.Equal(t, []RunRecord{
		{Number: 3, ID: "jr_3", Started: "2026-05-01 12:20:30", Outcome: "running"},
		{Number: 2, ID: "jr_2", Started: "2026-05-01 11:20:30", Outcome: "died"},
		{
			Number: 1, ID: "jr_1", Started: "2026-05-01 10:20:30", Ended: "2026-05-01 10:21:30", Outcome: "succeeded",
			Seconds: 59.877, RowsRead: 5, RowsNew: 3, RowsDuplicate: 1, RowsQuarantined: 1, Unread: map[string]int{"archived": 2},
		},
	}, runs[:3])
	runs, err = o.Runs(t.Context(), 0)
	require.NoError(t, err)
	require.Len(t, runs, 6)

	for _, run := range []string{"1", "jr_1"} {
		f.objects["bookmarks/job/runs/jr_1/part-00000.jsonl"] = []byte(manifestLines)
		m, err := o.Manifest(t.Context(), run, OnlyUnread)
		require.NoError(t, err)
		require.Equal(t, RunManifest{
			RunID: "jr_1", RunNumber: 1, Started: "2026-05-01T10:20:30.123+00:00", Seconds: 60, Outcome: "succeeded", RowsRead: 5, RowsNew: 3,
			CompleteBefore: 7, Unread: map[string]int{"archived": 1}, Outcomes: map[string]int{"archived": 1, "loaded": 1},
			Findings:     []RunFinding{{"catalog_table_missing", "sales.t", "run the crawler"}},
			Expectations: []RunExpectation{{"qty", "max", "10", "11", "failed"}},
			Objects:      []ManifestObject{{Object: "s3://events/b", Version: "v", Size: 9, Outcome: "archived", Detail: "InvalidObjectState"}},
		}, m)
	}
	_, err = o.Manifest(t.Context(), "77", "")
	require.ErrorContains(t, err, "no run 77")
	_, err = o.Manifest(t.Context(), "jr_2", "")
	require.ErrorContains(t, err, "run jr_2 has no manifest in s3://events/bookmarks/job/runs/jr_2/")
	_, err = o.Manifest(t.Context(), "jr_1", "lost")
	require.ErrorContains(t, err, `--only "lost": must be one of unread, archived,`)

	f.objects["bookmarks/job/runs/jr_1/part-00000.jsonl"] = []byte("damaged\n")
	_, parts := o.lastRuns(t.Context())
	require.Len(t, parts, 1)
	require.Equal(t, []string{"runs", "etl_runs", StateError}, []string{parts[0].Kind, parts[0].Name, parts[0].State})
	require.Contains(t, parts[0].Detail, "jr_1")
}

const manifestLines = `{"kind":"run","run_id":"jr_1","run_number":1,"started":"2026-05-01T10:20:30.123+00:00","seconds":60,"outcome":"succeeded","error":null,"objects":{"listed":9},"expectations":{"failed":1},"complete_before":7,"rows_read":5,"rows_new":3,"unread":{"archived":1}}
{"kind":"finding","finding":"catalog_table_missing","about":"sales.t","detail":"run the crawler","run_id":"jr_1","run_number":1}
{"kind":"expectation","about":"qty","expectation":"max","expected":"10","observed":"11","outcome":"failed"}
{"kind":"object","object":"s3://events/b","version":"v","size":9,"outcome":"archived","detail":"InvalidObjectState","lines":0,"quarantined":0}
{"kind":"object","object":"s3://events/a","version":"v","size":9,"outcome":"loaded","lines":5,"quarantined":0}
{"kind":"of a later release"}
`

func TestServerWithAnUnknownCAIsRefused(t *testing.T) {
	f, o := newFake(t)
	withDatabase(t, f)
	other := t.TempDir()
	_, err := database.Open(database.Options{StateDir: other})
	require.NoError(t, err)
	f.objects["scripts/ca.pem"], err = os.ReadFile(database.CAFile(other))
	require.NoError(t, err)
	_, err = o.Query(t.Context(), "select 1")
	unknown := x509.UnknownAuthorityError{}
	require.ErrorAs(t, err, &unknown)

	f.objects["scripts/ca.pem"] = []byte("empty")
	_, err = o.Query(t.Context(), "select 1")
	require.ErrorContains(t, err, "s3://events/scripts/ca.pem contains no PEM certificate")
}

// The client on the consumer prints the key NULL like null.
func TestKeyNull(t *testing.T) {
	f, o := newFake(t)
	f.throughConsumer(o)
	f.consumerTables(map[string]string{"sales_txns_tbl": "request_id\na\nNULL\n"})
	found, err := o.db.PresentKeys(t.Context(), o.events(), []string{"a", "NULL"})
	require.NoError(t, err)
	require.Equal(t, []string{"a", "NULL"}, found)
}

// A table of an earlier release has no hash; a current one has an index over the hash
// only.
func TestPresentKeys(t *testing.T) {
	f, o := newFake(t)
	withDatabase(t, f)
	run := func(sql string) {
		_, err := o.Query(t.Context(), sql)
		require.NoError(t, err)
	}
	present := func() []string {
		found, err := o.db.PresentKeys(t.Context(), o.events(), []string{"a", "B", "it's"})
		require.NoError(t, err)
		return found
	}
	require.Empty(t, present(), "the table is missing")
	run("create table sales_txns_tbl (request_id varchar(36) character set ascii collate ascii_bin primary key)")
	run("insert into sales_txns_tbl values ('a'), ('b'), ('it''s')")
	require.ElementsMatch(t, []string{"a", "it's"}, present())
	run("alter table sales_txns_tbl drop primary key, add column request_id_hash binary(16)" +
		" generated always as (unhex(left(sha2(request_id, 256), 32))) stored, add unique key event (request_id_hash)")
	require.ElementsMatch(t, []string{"a", "it's"}, present())
	run("insert into sales_txns_tbl (request_id) with recursive n as (select 1 as i union all select i + 1 from n where i < 900) select i from n")
	plan, err := o.Query(t.Context(), "explain select * from sales_txns_tbl where "+query.KeysIn(o.contract, true, []string{"a", "b", "c"}))
	require.NoError(t, err)
	require.Contains(t, fmt.Sprint(plan.Rows), "event")
}
