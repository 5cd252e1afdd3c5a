package console

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/ops"
)

// follow returns the address of a link by its text.
func follow(t *testing.T, body, text string) string {
	t.Helper()
	m := regexp.MustCompile(`<a [^>]*href="([^"]*)"[^>]*>` + regexp.QuoteMeta(text)).FindStringSubmatch(body)
	require.NotNil(t, m, "no link %s", text)
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

// A backfill replaces the ledger's entry of an object, and the row keeps its batch.
func TestEventWithoutLedgerEntries(t *testing.T) {
	f := newStack()
	f.event.Places = nil
	s := serveStack(t, f)
	require.Contains(t, s.get("/lineage?of="+eventKey), "S3 no longer has the version")
	f.event.Ranges = nil
	body := serveStack(t, f).get("/lineage?of=" + eventKey)
	require.NotContains(t, body, "S3 no longer has the version")
	require.Contains(t, body, "a backfill or a replay has read the row's object again")
}

func hasLink(body, text string) bool {
	return regexp.MustCompile(`<a [^>]*>` + regexp.QuoteMeta(text)).MatchString(body)
}

func TestRunsArePaged(t *testing.T) {
	s := serveStack(t, newLargeStack())
	body := s.get("/runs")
	require.Contains(t, body, "1,000 runs in the history")
	seen := map[string]bool{}
	for pages := 1; ; pages++ {
		for _, m := range regexp.MustCompile(`id="run-(\d+)"`).FindAllStringSubmatch(body, -1) {
			require.False(t, seen[m[1]], "run %s is on two pages", m[1])
			seen[m[1]] = true
		}
		require.LessOrEqual(t, len(body), 60_000, "a page stays small")
		if !hasLink(body, "Older") {
			require.Equal(t, 20, pages)
			break
		}
		body = s.get(follow(t, body, "Older"))
		require.NotContains(t, body, `id="live"`, "only the page of the newest runs is live")
	}
	require.Len(t, seen, 1000)
	require.Contains(t, s.get("/runs?before=1"), "No run before 1")
}

func TestQuarantinedLinesArePaged(t *testing.T) {
	s := serveStack(t, newLargeStack())
	body := s.get("/quarantine")
	require.Contains(t, body, "10,000 lines of 1,000 object versions")
	rows := 0
	for {
		rows += strings.Count(body, ">follow</a>")
		if !hasLink(body, "Next") {
			break
		}
		body = s.get(follow(t, body, "Next"))
	}
	require.Equal(t, 1000, rows)
	require.True(t, hasLink(body, "← Previous"))

	body = s.get("/quarantine?stream=inventory_events")
	require.Contains(t, body, "0 lines of 0 object versions")
	f := newLargeStack()
	for i := range f.objects[:100] { // Two full pages.
		f.objects[i].Object = stockKey
	}
	s = serveStack(t, f)
	body = s.get("/quarantine?stream=inventory_events")
	require.Contains(t, body, "1,000 lines of 100 object versions")
	require.NotContains(t, body, "Read these objects again", "all are read again, regardless of the filter")
	require.False(t, hasLink(s.get(follow(t, body, "Next")), "Next"))

	body = s.get(views["lines"])
	require.Contains(t, body, "1 to 50 of 10,000")
	body = s.get(follow(t, body, "Next"))
	require.Contains(t, body, "51 to 100 of 10,000")
	require.Contains(t, body, `id="line-51"`)
	last := s.get(views["lines"] + "&after=9990")
	require.Contains(t, last, "9,991 to 10,000 of 10,000")
	require.False(t, hasLink(last, "Next"))
	require.Contains(t, s.get(strings.Replace(views["edit"], "line=4", "line=9999", 1)), "no event 9998")
}

func TestObjectsOfARunArePaged(t *testing.T) {
	f := newStack()
	m := f.manifests["jr_000012"]
	m.Objects = nil
	for range 250 {
		m.Objects = append(m.Objects, ops.ManifestObject{Object: "s3://events/" + saleKey, Outcome: "loaded"})
	}
	m.Objects = append(m.Objects, ops.ManifestObject{Object: "s3://events/" + stockKey, Outcome: "archived"})
	m.Outcomes = map[string]int{"loaded": 250, "archived": 1}
	f.manifests["jr_000012"] = m
	s := serveStack(t, f)
	body := s.get("/runs/12")
	require.Contains(t, body, "1 to 100 of 251")
	body = s.get(follow(t, s.get(follow(t, body, "Next")), "Next"))
	require.Contains(t, body, "201 to 251 of 251")
	body = s.get(follow(t, body, "archived 1"))
	require.Contains(t, body, "1 to 1 of 1")
	require.NotContains(t, body, saleKey)
	require.Equal(t, http.StatusBadRequest, s.do(s.request(http.MethodGet, "/runs/12?only=lost", nil)).StatusCode)
	require.Equal(t, http.StatusBadRequest, s.do(s.request(http.MethodGet, "/runs/12?after=-1", nil)).StatusCode)
	require.Equal(t, http.StatusBadRequest, s.do(s.request(http.MethodGet, "/runs/12?after=9223372036854775807", nil)).StatusCode)
}

func TestAFailedRun(t *testing.T) {
	s := serveStack(t, newFailedStack())
	body := s.get("/runs/14")
	require.Contains(t, body, "more than max_invalid_share")
	require.Contains(t, body, "Command failed with exit code 1")
	require.Contains(t, body, "Traceback")
	body = s.get("/runs/13")
	require.Contains(t, body, "run jr_000013 has no manifest")
	body = s.get("/")
	require.Contains(t, body, "job: failed")
	require.Contains(t, body, "consumer: error")
	require.Contains(t, s.get(follow(t, body, "its log")), "Traceback")
	for _, run := range []string{"99", "-1", "abc", "jr_unknown", "99999999999999999999"} {
		a := s.do(s.request(http.MethodGet, "/runs/"+run, nil))
		require.Equal(t, http.StatusNotFound, a.StatusCode, run)
		require.Contains(t, a.body, "no run "+run)
	}
}

func TestRunningRunIsLive(t *testing.T) {
	s := serveStack(t, newLargeStack())
	body := s.get("/runs/1000")
	require.Contains(t, body, `hx-get="/runs/1000"`)
	require.NotContains(t, body, "manifest")
	require.NotContains(t, s.get("/runs/999"), "hx-get")
}

func TestBeforeTheFirstRun(t *testing.T) {
	s := serveStack(t, newEmptyStack())
	require.Contains(t, s.get("/"), "The job has not run yet")
	require.Contains(t, s.get("/runs"), "No run yet")
	require.Contains(t, s.get("/quarantine"), "Nothing here")
	require.NotContains(t, s.get("/quarantine"), "Read these objects again")
	require.Contains(t, s.get("/lineage"), "Enter the key of an object")
	require.Contains(t, s.get("/catalog"), "The catalog has no tables yet")
	require.Contains(t, s.get(views["object"]), "no run has loaded it")
	require.Contains(t, s.get(views["event"]), "no event with this request_id")
}

func TestErrorsAreShownInThePage(t *testing.T) {
	f := newStack()
	f.err = errors.New("the token has expired")
	s := serveStack(t, f)
	for name, path := range views {
		a := s.do(s.request(http.MethodGet, path, nil))
		if name == "checks" || name == "mysql" || name == "verify" {
			require.Equal(t, http.StatusOK, a.StatusCode, name) // No statement runs yet.
			continue
		}
		require.Equal(t, http.StatusBadGateway, a.StatusCode, name)
		require.Contains(t, a.body, "the token has expired", name)
		require.Contains(t, a.body, `aria-label="Views"`, name)
	}
	require.Contains(t, s.post("/mysql", url.Values{"sql": {"select 1"}}).body, "the token has expired")
}

func TestStatements(t *testing.T) {
	f := newStack()
	s := serveStack(t, f)
	body := s.post("/athena", url.Values{"sql": {"select store_id, sum(sales) from t group by 1"}}).body
	require.Contains(t, body, "1253.17")
	require.Contains(t, body, "sum by store_id", "one label and one number are a chart")
	s.post("/mysql", url.Values{"sql": {"status"}})
	require.Equal(t, []string{"select store_id, sum(sales) from t group by 1", "status "}, f.statements)
	require.Contains(t, s.post("/mysql", url.Values{"sql": {" "}}).body, "There is no statement")

	f.result.More = true
	f.result.Rows.Rows[0][1].Text = "-1"
	body = s.post("/mysql", url.Values{"sql": {"select 1"}}).body
	require.NotContains(t, body, "sum by store_id")
	require.Contains(t, body, "there are more than the 3 that are shown")
}

func TestReplay(t *testing.T) {
	f := newStack()
	s := serveStack(t, f)
	require.Equal(t, http.StatusNotFound, s.do(s.request(http.MethodGet, "/quarantine/replay", nil)).StatusCode)
	for _, what := range []string{"everything", ""} {
		refused := s.post("/quarantine/replay", url.Values{"what": {what}})
		require.Equal(t, http.StatusBadRequest, refused.StatusCode)
		require.Contains(t, refused.body, "must be all or line")
	}
	require.Equal(t, http.StatusNotFound, s.do(s.request(http.MethodGet, "/quarantine/replay", nil)).StatusCode, "nothing has started")
	form := url.Values{"what": {"line"}, "line": {"{\"request_id\":\"a\",\r\n\"sales\":10}"}, "stream": {"sale_events"}, "day": {"2026-05-01"}}
	a := s.post("/quarantine/replay", form)
	require.Equal(t, http.StatusSeeOther, a.StatusCode)
	require.Equal(t, "/quarantine/replay", a.Header.Get("Location"))
	s.replay.wait()
	require.Equal(t, []string{"sale_events|2026-05-01|{\"request_id\":\"a\",\r\n\"sales\":10}\n"}, f.replayed)
	body := s.get("/quarantine/replay")
	require.Contains(t, body, "1 event: 1 row new, 0 already in the table.")
	require.Contains(t, body, "Stored as sale_events/dt=2026-05-01/replay-1.json")
	require.NotContains(t, body, `id="live"`)

	release := make(chan struct{})
	f.replay = func(context.Context) error { <-release; return nil }
	s.post("/quarantine/replay", url.Values{"what": {"all"}})
	require.Contains(t, s.get("/quarantine/replay"), "the job is running")
	refused := s.post("/quarantine/replay", form)
	require.Equal(t, http.StatusConflict, refused.StatusCode)
	require.Contains(t, refused.body, "nothing was started: another replay is running")
	require.Contains(t, refused.body, "&#34;sales&#34;:10}", "the corrected line is not lost")
	close(release)
	s.replay.wait()
	require.Len(t, f.replayed, 1, "one replay at a time")
	body = s.get("/quarantine/replay")
	require.Contains(t, body, "3 lines of 2 objects read again: 1 loaded, 2 still in quarantine.")
	require.Contains(t, body, "4 lines of objects that no longer exist in S3.")

	f.replay = func(context.Context) error { return errors.New("nothing was loaded, because 1 line is invalid") }
	s.post("/quarantine/replay", url.Values{"what": {"all"}})
	s.replay.wait()
	require.Contains(t, s.get("/quarantine/replay"), "nothing was loaded, because 1 line is invalid")
}

func TestVerify(t *testing.T) {
	s := serveStack(t, newStack())
	require.Contains(t, s.get("/verify"), "Compare now")
	require.Equal(t, "/verify", s.post("/verify", url.Values{}).Header.Get("Location"))
	s.verify.wait()
	body := s.get("/verify")
	require.Contains(t, body, "they agree")
	require.Contains(t, body, "24210 rows")

	release := make(chan struct{})
	require.True(t, s.verify.start(t.Context(), clock, "slow", func(context.Context) ([]string, error) { <-release; return nil, nil }))
	refused := s.post("/verify", url.Values{})
	require.Equal(t, http.StatusConflict, refused.StatusCode)
	require.Contains(t, refused.body, "nothing was started: a comparison is already running")
	close(release)
	s.verify.wait()

	s = serveStack(t, newFailedStack())
	s.post("/verify", url.Values{})
	s.verify.wait()
	body = s.get("/verify")
	require.Contains(t, body, "they differ")
	require.Contains(t, body, eventKey)
}

// The overview of a paused stack shows that it is paused, and does not warn of its stopped database.
func TestPausedStack(t *testing.T) {
	f := newLargeStack()
	require.NotContains(t, serveStack(t, f).get("/"), "storeevents resume")
	f.status.Paused, f.status.Runs = true, nil
	for i, p := range f.status.Parts {
		if p.Kind == "database" {
			f.status.Parts[i].State = "stopped"
		}
	}
	body := serveStack(t, f).get("/")
	require.Contains(t, body, "The stack is paused: nothing is loaded until <code>storeevents resume --stack test</code>")
	require.NotContains(t, body, "database: stopped")
	require.NotContains(t, body, "The job has not run yet", "nobody knows")
}

func TestPictureShowsWarnings(t *testing.T) {
	body := serveStack(t, newStack()).get("/")
	for _, label := range []string{"Queue SQS 2 messages available", "Starter Lambda active", "Dead letters SQS 0 messages available", "Alarms CloudWatch 0 of 13 fire ok"} {
		require.Contains(t, body, label)
	}
	body = serveStack(t, newFailedStack()).get("/")
	for _, label := range []string{"Dead letters SQS 3 messages needs a look", "Alarms CloudWatch 1 of 13 fire alarm", "alarms: alarm</span> <span>1 of 13 alarms fire: test-run-failed"} {
		require.Contains(t, body, label)
	}
}

// Operations that a page has started end with the console.
func TestServeEndsWithItsContext(t *testing.T) {
	f := newStack()
	ended := make(chan struct{})
	f.replay = func(ctx context.Context) error { <-ctx.Done(); close(ended); return ctx.Err() }
	c, err := New(Options{Stack: "test", Source: f, Check: someChecks, Now: clock})
	require.NoError(t, err)
	l, err := Listen(t.Context(), 0)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(l.Addr().String(), "127.0.0.1:"))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- c.Serve(ctx, l) }()
	s := &site{Console: c, t: t, host: l.Addr().String()}
	require.Equal(t, http.StatusSeeOther, s.post("/quarantine/replay", url.Values{"what": {"all"}}).StatusCode)
	cancel()
	select {
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(20 * time.Second):
		t.Fatal("the console did not end")
	}
	<-ended
	_, err = Listen(t.Context(), 70000)
	require.Error(t, err)
}

func TestThemeIsKept(t *testing.T) {
	s := serveStack(t, newStack())
	for theme, want := range map[string]string{"dark": `<html lang="en" data-theme="dark">`, "light": `<html lang="en" data-theme="light">`, "": `<html lang="en">`, "x": `<html lang="en">`} {
		a := s.post("/theme", url.Values{"theme": {theme}, "back": {"/runs?before=3"}})
		require.Equal(t, "/runs?before=3", a.Header.Get("Location"))
		r := s.request(http.MethodGet, "/", nil)
		r.AddCookie(a.Cookies()[0])
		require.Contains(t, s.do(r).body, want)
	}
	for _, back := range []string{"https://example.com/", "//example.com", `/\example.com`, "", "%"} {
		location := s.post("/theme", url.Values{"theme": {"dark"}, "back": {back}}).Header.Get("Location")
		require.Equal(t, "/", location, back)
	}
}

// Many tabs that refresh read the stack once.
func TestRecentValuesAreCached(t *testing.T) {
	reads, now := 0, clock()
	r := sharedValue[int]{now: func() time.Time { return now }, read: func(context.Context) (int, error) {
		reads++
		now = now.Add(time.Second) // The duration of a read.
		return reads, nil
	}}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {4 * time.Second, 1}, {2 * time.Second, 2}} {
		now = now.Add(step.after)
		got, err := r.get(t.Context())
		require.NoError(t, err)
		require.Equal(t, step.want, got)
	}
}

func TestNumbersAndTimes(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		require.Equal(t, want, grouped(n))
	}
	for s, want := range map[float64]string{0: "–", 12.34: "12.3 s", 75: "1 min 15 s", 3725: "1 h 02 min"} {
		require.Equal(t, want, secondsText(s))
	}
	require.Equal(t, "1 byte", sizeText(1))
	require.Equal(t, "2.0 MiB", sizeText(2<<20))
	require.Equal(t, "abcd…wxyz", shortened("abcdefghijklmnopqrstuvwxyz", 9))
}

// Vendored files match their packages.
func TestVendoredFiles(t *testing.T) {
	raw, err := os.ReadFile("vendored.json")
	require.NoError(t, err)
	var files []struct{ File, Package, Version, License, SHA256 string }
	require.NoError(t, json.Unmarshal(raw, &files))
	require.Len(t, files, 3)
	for _, f := range files {
		content, err := os.ReadFile(f.File)
		require.NoError(t, err)
		sum := sha256.Sum256(content)
		require.Equal(t, f.SHA256, hex.EncodeToString(sum[:]), f.File)
		require.NotEmpty(t, f.Version)
		license, _, _ := strings.Cut(f.File, ".")
		require.FileExists(t, license+".LICENSE")
	}
}

// The form shows control characters as JSON escapes, so that strings can be corrected.
func TestLineInAForm(t *testing.T) {
	for raw, want := range map[string]string{
		"{\t\"a\": 1,\r\n\"b\":\t2}":     "{\t\"a\": 1,\r\n\"b\":\t2}",
		"{\"a\":\t\"x\ty\nz\"}":          "{\"a\":\t\"x\\u0009y\\u000az\"}",
		"{\"a\": \"\\\"\t\",\t\"b\": 1}": "{\"a\": \"\\\"\\u0009\",\t\"b\": 1}",
		"{\"a\": \"\\\\\",\t\"b\": 1}":   "{\"a\": \"\\\\\",\t\"b\": 1}",
		"\x00\"\U000e0001\xff\"":         "\\u0000\"\\udb40\\udc01\ufffd\"",
	} {
		require.Equal(t, want, editable([]byte(raw)))
	}
}
