package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/stretchr/testify/require"

	"localaws/daemon"
	"localaws/database"
	"store-events/cmd/storeevents/page"
	"store-events/deploy"
	"store-events/ops"
)

// invoke runs the command line and returns its exit status, standard output and standard error.
func invoke(t *testing.T, stdin string, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	a := newApp(&out, &err, args...)
	root := newRoot(a)
	root.SetIn(strings.NewReader(stdin))
	root.SetArgs(args)
	if cmd, e := root.ExecuteContextC(t.Context()); e != nil {
		a.command = cmd.CommandPath()
		a.fail(e)
		status = 1
	}
	return status, out.String(), err.String()
}

// projectWith creates a project folder with a local stack and a stack on AWS.
func projectWith(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"Pulumi.yaml":       "name: store-events\nruntime: go\n",
		"Pulumi.local.yaml": "config:\n  aws:region: us-east-1\n  aws:endpoints:\n    - s3: http://127.0.0.1:4566\n",
		"Pulumi.dev.yaml":   "config:\n  aws:region: eu-west-1\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func TestInvalidFlagsAreReported(t *testing.T) {
	dir := projectWith(t)
	for name, tc := range map[string]struct {
		args []string
		want string
	}{
		"report's file":    {[]string{"report"}, "--file: must be the name of the file to write"},
		"report's run":     {[]string{"report", "--file", "x.html", "--run", "0"}, "--run 0: must be the number of a run"},
		"console's port":   {[]string{"ui", "--listen", "x"}, `"--listen" flag: must be a port from 0 to 65535`},
		"console's host":   {[]string{"ui", "--listen", "0.0.0.0:8765"}, `"--listen" flag: must be a port from 0 to 65535`},
		"output":           {[]string{"status", "--output", "yaml"}, `--output "yaml": must be text or json`},
		"port":             {[]string{"status", "--port", "70000"}, "--port or STORE_EVENTS_PORT"},
		"unknown stack":    {[]string{"status", "--stack", "stage"}, "there are: dev, local"},
		"unknown flag":     {[]string{"status", "--fast"}, "unknown flag: --fast"},
		"another region":   {[]string{"local", "start", "--region", "eu-west-1"}, "unknown flag: --region"},
		"unknown command":  {[]string{"deploy"}, `unknown command "deploy"`},
		"unknown topic":    {[]string{"help", "deploy"}, "`storeevents --help` lists the commands"},
		"expired by force": {[]string{"down", "--expired", "--force"}, "--expired and --force: use only one of them"},
		"expired and kept": {[]string{"down", "--expired", "--lift-protection"}, "--expired and --lift-protection: use only one of them"},
		"no command":       {[]string{""}, `unknown command "" for "storeevents"` + "\nnext: `storeevents --help` lists the commands"},
		"no subcommand":    {[]string{"local", ""}, `unknown command "" for "storeevents local"` + "\nnext:"},
		"surplus argument": {[]string{"crawl", "now"}, `"now": storeevents crawl accepts no arguments`},
		"no statement":     {[]string{"query"}, "no statement"},
		"no last day":      {[]string{"backfill", "--from", "2026-05-01"}, "--from and --to: set both"},
		"no first day":     {[]string{"verify", "--to", "2026-05-01"}, "--from and --to: set both"},
		"days in disorder": {[]string{"backfill", "--from", "2026-05-02", "--to", "2026-05-01"}, "--from 2026-05-02 is after --to 2026-05-01"},
		"no object":        {[]string{"quarantine", "show"}, "accepts 1 arg(s), received 0"},
		"lines of no file": {[]string{"quarantine", "replay", "--stream", "sale_events"}, "--stream and --day are for the corrected lines of --file"},
		"day of no file":   {[]string{"quarantine", "replay", "--day", "2026-05-01"}, "--stream and --day are for the corrected lines of --file"},
		"offline refresh":  {[]string{"preview", "--stack", "dev", "--offline", "--refresh"}, "--refresh reads the resources of an account, and --offline has none"},
		"two formats":      {[]string{"policy", "check", "--output", "text", "--format", "html"}, "--output text and --format html: use only one of them"},
		"no such file":     {[]string{"quarantine", "replay", "--file", "/none/fixed.jsonl"}, "--file: open /none/fixed.jsonl"},
		"force on AWS":     {[]string{"down", "--stack", "dev", "--force"}, "--force is for local stacks"},
		"demo on AWS":      {[]string{"demo", "--stack", "dev"}, "leave sample events and an invalid line in it; nothing was done"},
		"demo if paused":   {[]string{"demo", "-c", "paused=true"}, "the stack is paused\nnext: `storeevents resume --stack local"},
		"role on AWS":      {[]string{"down", "--stack", "dev", "--as", "arn:aws:iam::123456789012:role/deploy"}, "a stack on AWS is destroyed with the role of its last update"},
		"preflight config": {[]string{"preflight", "--stack", "dev", "--config", "store-events:jobWorkers=3"}, "apply only to local stacks, and stack dev is on AWS"},
		"config on AWS":    {[]string{"outputs", "--stack", "dev", "--config", "store-events:jobWorkers=3"}, "apply only to local stacks, and stack dev is on AWS"},
		"malformed config": {[]string{"status", "--config", "jobWorkers"}, `--config "jobWorkers": must be a key and a value`},
		"empty file name":  {[]string{"quarantine", "replay", "--file", ""}, "--file: must be the name of a file"},
		"no time":          {[]string{"produce", "--seconds", "0"}, "--batch and --seconds: must not be 0"},
		"no batch":         {[]string{"produce", "--batch", "0"}, "--batch and --seconds: must not be 0"},
		"unknown outcome":  {[]string{"runs", "show", "1", "--only", "lost"}, `--only "lost": must be one of unread, archived`},
		"no run":           {[]string{"runs", "show"}, "accepts 1 arg(s), received 0"},
		"negative objects": {[]string{"runs", "show", "1", "--limit", "-1"}, "--limit -1: must be a number of objects, or 0 for all"},
		"negative limit":   {[]string{"runs", "ls", "--limit", "-1"}, "--limit -1"},
		"not local":        {[]string{"local", "start", "--stack", "dev"}, "does not run on this machine"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := invoke(t, "", append(tc.args, "--project", dir, "--state", t.TempDir())...)
			require.Equal(t, 1, status)
			require.Empty(t, stdout)
			require.Contains(t, stderr, tc.want)
		})
	}
}

// The engine would stop at the first value of a wrong type.
func TestAllInvalidSettingsAreReportedBeforeAnythingStarts(t *testing.T) {
	dir := projectWith(t)
	settings := "config:\n  aws:region: eu-west-1\n  store-events:natGateways: two\n  store-events:databasePort: \"80\"\n  store-events:dbSubnetCidrs: [10.10.20.0/24]\n  store-events:natGateway: \"1\"\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte(settings), 0o600))
	for _, command := range []string{"up", "preview"} {
		status, _, stderr := invoke(t, "", command, "--stack", "dev", "--project", dir, "--state", t.TempDir(), "--config", "store-events:alertEmail=A <a@b.c>")
		require.Equal(t, 1, status)
		for _, want := range []string{
			`natGateways: "two" is not allowed: use one of 0, 1, 2`, "databasePort: 80 is not allowed: use 1150 to 65535",
			"dbSubnetCidrs: [10.10.20.0/24] is not allowed", "natGateway: no such setting", "alertEmail",
		} {
			require.Contains(t, stderr, want, command)
		}
	}
}

// `pulumi stack init` writes a file without config.
func TestInvalidSettingOfANewStackIsReported(t *testing.T) {
	dir := projectWith(t)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.new.yaml"), []byte("encryptionsalt: v1:abc\n"), 0o600))
	status, _, stderr := invoke(t, "", "preview", "--offline", "--stack", "new", "--project", dir, "--state", t.TempDir(), "--config", "store-events:natGateways=two")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, `natGateways: "two" is not allowed`)
}

func TestNoProject(t *testing.T) {
	status, _, stderr := invoke(t, "", "status", "--project", t.TempDir())
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "run this inside the repository, or name it with --project")
}

func TestErrorsInJSON(t *testing.T) {
	status, stdout, stderr := invoke(t, "", "status", "--stack", "stage", "--output", "json", "--project", projectWith(t))
	require.Equal(t, 1, status)
	var doc struct{ Error string }
	require.NoError(t, json.Unmarshal([]byte(stdout), &doc))
	require.Contains(t, doc.Error, `no stack "stage"`)
	require.Contains(t, stderr, doc.Error)
}

func TestAnAWSStackIsDestroyedOnlyWhenConfirmed(t *testing.T) {
	for _, answer := range []string{"", "no\n", "yes\n", "prod\n"} {
		status, _, stderr := invoke(t, answer, "down", "--stack", "dev", "--project", projectWith(t), "--state", t.TempDir())
		require.Equal(t, 1, status)
		require.Contains(t, stderr, "not confirmed: nothing was destroyed")
	}
}

// Each stack reads one line of standard input. Their settings are invalid, so that a confirmed stack fails before it
// is destroyed.
func TestEveryExpiredStackIsConfirmed(t *testing.T) {
	dir := projectWith(t)
	for _, stack := range []string{"pr-1", "pr-2", "pr-3"} {
		text := "config:\n  store-events:natGateways: \"7\"\n  aws:defaultTags:\n    tags:\n      " + expiryTag + ": \"2026-01-01T00:00:00Z\"\n"
		require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi."+stack+".yaml"), []byte(text), 0o600))
	}
	status, stdout, _ := invoke(t, "pr-1\nno\npr-3\n", "down", "--expired", "--project", dir, "--state", t.TempDir(), "--output", "json")
	require.Equal(t, 1, status)
	var r expiredResult
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	require.Len(t, r.Failed, 3)
	const confirmed, not = "natGateways: 7 is not allowed", "not confirmed"
	for i, want := range []string{confirmed, not, confirmed} {
		require.Contains(t, r.Failed[i].Error, want, r.Failed[i].Stack)
	}
}

func TestDownWithoutAStackSucceeds(t *testing.T) {
	state := filepath.Join(t.TempDir(), "none")
	status, stdout, _ := invoke(t, "", "down", "--project", projectWith(t), "--state", state, "--output", "json")
	require.Zero(t, status)
	var r downResult
	require.NoError(t, json.Unmarshal([]byte(stdout), &r))
	require.False(t, r.StateRemoved)
	require.Equal(t, "destroy", r.Operation)
}

func TestLocalStatusWithoutState(t *testing.T) {
	a := newApp(nil, nil)
	a.project, a.stack = projectWith(t), deploy.LocalStack
	endpoint, err := a.endpoint()
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:4566", endpoint)
	a.port = 9999
	endpoint, err = a.endpoint()
	require.NoError(t, err)
	require.Equal(t, "http://127.0.0.1:9999", endpoint)
	a.stack = "dev"
	endpoint, err = a.endpoint()
	require.NoError(t, err)
	require.Empty(t, endpoint, "--port does not make a stack on AWS local")
}

// Standard output on a full disk must be an error.
func TestWriteErrorsAreReported(t *testing.T) {
	full := errors.New("no space left on device")
	for _, output := range []string{"text", "json"} {
		a := newApp(writerFunc(func([]byte) (int, error) { return 0, full }), io.Discard)
		root := newRoot(a)
		root.SetArgs([]string{"local", "status", "--output", output, "--project", projectWith(t), "--state", t.TempDir()})
		require.ErrorIs(t, root.ExecuteContext(t.Context()), full, output)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

// Tables are cut at the width of a terminal, and complete in a pipe.
func TestTablesFitTheTerminal(t *testing.T) {
	run := ops.RunRecord{
		Number: 12345, ID: "jr_" + strings.Repeat("0123456789abcdef", 4), Started: "2026-05-01 10:20:30", Ended: "2026-05-01 10:21:30", Seconds: 60,
		Outcome: "succeeded", RowsNew: 1234567, RowsDuplicate: 12345, RowsQuarantined: 123, Unread: map[string]int{"archived": 12},
	}
	object := ops.ManifestObject{Object: "s3://events/" + strings.Repeat("k", 1000) + "/end.json", Outcome: "archived", Detail: strings.Repeat("雪", 400), Lines: 1}
	for _, columns := range []int{80, 60, 20} {
		w := page.Page{Width: columns}
		writeRuns(&w, []ops.RunRecord{run})
		writeManifest(&w, ops.RunManifest{RunNumber: 1, Outcome: "succeeded", Objects: []ops.ManifestObject{object}}, 20)
		writeOutputs(&w, map[string]any{"NamedQueries": map[string]any{"b": strings.Repeat("2", 99), "a": "1"}})
		for _, line := range strings.Split(w.String(), "\n") {
			if columns == 80 && !strings.Contains(line, " began ") {
				require.LessOrEqual(t, lipgloss.Width(line), columns, line)
			}
		}
	}
	usual, w := run, page.Page{Width: 80}
	usual.Number, usual.RowsNew = 123, 12345
	writeRuns(&w, []ops.RunRecord{usual})
	require.Contains(t, w.String(), "123  2026-05-01 10:20  60 s  succeeded  12345  12345      123      12  012345…")
	var piped page.Page
	writeManifest(&piped, ops.RunManifest{Objects: []ops.ManifestObject{object, object, object}}, 2)
	require.Contains(t, piped.String(), object.Object)
	require.Contains(t, piped.String(), "and 1 more")
	require.Equal(t, "a: 1, b: 2", outputText(map[string]any{"b": "2", "a": "1"}))
}

func TestResultsArePrinted(t *testing.T) {
	var b page.Page
	writeResult(&b, deploy.Result{
		Stack: "dev", Operation: "preview", Changes: map[string]int{"create": 3, "same": 1},
		Violations: []deploy.Violation{
			{Policy: "s3-tls-only", Level: "advisory", Resource: "bucket x", Message: "no TLS"},
			{Policy: "rds-backup", Level: "advisory", Resource: "db", Message: "[medium] rds-backup: backups are not kept long enough"},
		},
		Outputs: map[string]any{"Region": "us-east-1"},
	})
	writeProduced(&b, ops.ProduceResult{Messages: 20, Incomplete: 2, SaleEvents: 12, InventoryEvents: 8, TotalSales: "1.50"})
	for _, want := range []string{"8 of inventory; 2 incomplete (bad_msg) (0.0 s)\n", "advisory s3-tls-only: bucket x: no TLS", "\nadvisory [medium] rds-backup: backups are not", "preview of stack dev: 3 create, 1 same; policies: 2 advisory (", "Region", "us-east-1"} {
		require.Contains(t, b.String(), want)
	}
}

func TestConsoleListensOnLoopbackOnly(t *testing.T) {
	for text, want := range map[string]int{"0": 0, "8765": 8765, "127.0.0.1:8765": 8765} {
		var p listenPort
		require.NoError(t, p.Set(text))
		require.Equal(t, want, int(p), text)
	}
	for _, text := range []string{"", "65536", "-1", ":80", "localhost:80", "192.0.2.1:80", "[::]:80", "127.0.0.1"} {
		require.ErrorContains(t, new(listenPort).Set(text), "the console has no other host", text)
	}
}

func TestSingleOutputIsPrintedRaw(t *testing.T) {
	outputs := map[string]any{"StoreEventsBucket": "events", "Alarms": []any{"a", "b"}, "SecretKeyId": "k-1"}
	for _, tc := range []struct{ output, name, want string }{
		{"text", "StoreEventsBucket", "events\n"},
		{"text", "Alarms", `["a","b"]` + "\n"},
		{"json", "StoreEventsBucket", `"events"` + "\n"},
	} {
		var out bytes.Buffer
		a := newApp(&out, io.Discard)
		a.output = tc.output
		require.NoError(t, a.printOutput(outputs, tc.name))
		require.Equal(t, tc.want, out.String())
	}
	require.EqualError(t, newApp(nil, nil).printOutput(outputs, "Bucket"), `no output "Bucket"; use one of Alarms, SecretKeyId, StoreEventsBucket`)
}

func TestStatusFailsIfAPartDoesNotAnswer(t *testing.T) {
	var out bytes.Buffer
	a := newApp(&out, io.Discard)
	a.output = "json"
	s := ops.Status{Stack: "dev", Parts: []ops.Part{{Kind: "job", Name: "loader", State: "FAILED"}}}
	require.NoError(t, a.reportStatus(s), "the job's last run does not fail the command")
	out.Reset()
	s.Parts = append(s.Parts, ops.Part{Kind: "table", Name: "events", State: ops.StateError, Detail: "timeout"})
	err := a.reportStatus(s)
	require.EqualError(t, err, "parts of stack dev do not respond:\ntable events: timeout")
	require.True(t, reported(err))
	require.True(t, json.Valid(out.Bytes()), "the whole status, once")
}

func TestQuarantineIsPrinted(t *testing.T) {
	var b page.Page
	writeQuarantine(&b, []ops.QuarantinedObject{
		{Object: "sale_events/a.json", Lines: 3, Reasons: map[string]int{"not_utf8": 1, "bad_key": 2}, Current: true},
		{Object: "sale_events/b.json", Lines: 1, Reasons: map[string]int{"cut_short": 1}},
	})
	require.Contains(t, b.String(), "2 bad_key, 1 not_utf8")
	require.Contains(t, b.String(), "no longer in S3")
	require.Contains(t, b.String(), "4 lines of 2 object versions in quarantine\n")

	entries := []ops.QuarantineEntry{
		{Reason: "not_utf8", Object: "s3://events/a", Number: 3, Line: "a\ufffd\t\"b\"", Base64: []byte("a\xff\t\"b\"")},
		{Reason: "line_too_long", Object: "s3://events/a", Number: 4, Line: "xxx", Bytes: 1 << 21},
	}
	b.Reset()
	writeEntries(&b, entries)
	require.Contains(t, b.String(), "  a\ufffd\\t\"b\"")
	require.Contains(t, b.String(), "(the first bytes of 2097152)")
	b.Reset()
	require.NoError(t, writeRaw(&b, entries))
	require.Equal(t, "a\xff\t\"b\"\nxxx\n", b.String())
}

func TestLocalStatusNamesTheDatabaseServer(t *testing.T) {
	d := database.Status{ID: "events", Engine: "MySQL", Version: "9.7.4", Host: "127.0.0.1", Port: 13306, Running: true}
	stopped, own := d, database.Status{ID: "events", Host: "db.example", Port: 3306, Running: true}
	stopped.Running, stopped.Stopped = false, true
	s := daemon.Status{Running: true, PID: 7, URL: "http://127.0.0.1:4566", Health: &daemon.Health{Databases: []database.Status{d, stopped, own}}}
	var w page.Page
	writeLocalStatus(&w, s)
	require.Equal(t, `running at http://127.0.0.1:4566, process 7
gateway: running, region , state in 
emulator: does not respond, process 0
database events: MySQL 9.7.4 at 127.0.0.1:13306, running
database events: MySQL 9.7.4 at 127.0.0.1:13306, stopped
database events: your own server at db.example:3306, running
`, w.String())
}

func TestRunShowsUnmetExpectations(t *testing.T) {
	var w page.Page
	writeManifest(&w, ops.RunManifest{RunNumber: 1, Outcome: "succeeded", Expectations: []ops.RunExpectation{
		{About: "qty", Expectation: "min", Expected: "0", Observed: "1", Outcome: "met"},
		{About: "qty", Expectation: "max", Expected: "10", Observed: "11", Outcome: "failed"},
	}}, 20)
	require.Contains(t, w.String(), "1 of 2 expectations met\nnot met: qty max: expected 10, found 11\n")
}
