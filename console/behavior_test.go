package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/require"

	"store-events/ops"
)

// A live page updates without a reload, keeps the focus, and reports when the console has
// ended.
func TestLivePage(t *testing.T) {
	f := newStack()
	s := serveStack(t, f)
	// Disable the cache: the clock of the tests stands still.
	s.status.read = nil
	s.status = sharedValue[ops.Status]{now: time.Now, read: f.Status}
	b := newBrowser(t)
	b.signIn(s)
	b.run(chromedp.Evaluate(`window.same = "not loaded again"; document.querySelector("#part-job").focus()`, nil))
	parts := append([]ops.Part{}, f.status.Parts...)
	for i, p := range parts {
		if p.Kind == "table" {
			parts[i].Counts = []ops.Count{{What: "rows", N: 31_999}}
		}
		if p.Kind == "job" {
			parts[i].State = "RUNNING"
		}
	}
	f.status.Parts = parts
	b.run(chromedp.Poll(`document.querySelector(".picture").textContent.includes("31,999 rows")`, nil, chromedp.WithPollingTimeout(20*time.Second)))
	var title, focused, edge string
	b.run(chromedp.Evaluate("String(window.same)", &title), chromedp.Evaluate("document.activeElement.id", &focused),
		chromedp.Evaluate(`document.querySelectorAll(".edge.flowing").length.toString()`, &edge))
	require.Equal(t, "not loaded again", title)
	require.Equal(t, "part-job", focused)
	require.NotEqual(t, "0", edge, "edges into the running job are animated")
	require.Empty(t, b.complaints())

	s.stop()
	b.run(chromedp.Poll(`!document.getElementById("offline").hidden`, nil, chromedp.WithPollingTimeout(20*time.Second)))
}

// Live pages and forms show that refreshes fail, until one succeeds.
func TestFailedRefreshIsShown(t *testing.T) {
	f := newStack()
	s := serveStack(t, f)
	s.status.read = nil
	expired := errors.New("the token has expired")
	var fails atomic.Bool
	s.status = sharedValue[ops.Status]{now: time.Now, read: func(ctx context.Context) (ops.Status, error) {
		if fails.Load() {
			return ops.Status{}, expired
		}
		return f.Status(ctx)
	}}
	b := newBrowser(t)
	b.signIn(s)
	shows := func(is bool) {
		t.Helper()
		b.run(chromedp.Poll(fmt.Sprintf(`document.getElementById("failed").hidden === %t`, !is), nil, chromedp.WithPollingTimeout(20*time.Second)))
	}
	fails.Store(true)
	shows(true)
	var offline bool
	b.run(chromedp.Evaluate(`!document.getElementById("offline").hidden`, &offline))
	require.False(t, offline, "the console answers")
	time.Sleep(time.Second) // No later event hides the error.
	shows(true)
	fails.Store(false)
	shows(false)

	b.run(chromedp.Navigate("http://"+s.host+"/athena"), chromedp.SetValue("#sql", "select 1", chromedp.ByQuery))
	f.err = expired
	b.run(chromedp.Click("form.card button.primary", chromedp.ByQuery))
	shows(true)
}

// All functions can be used with the keyboard alone.
func TestKeyboardOnly(t *testing.T) {
	f := newStack()
	s := serveStack(t, f)
	b := newBrowser(t)
	b.signIn(s)
	b.run(chromedp.KeyEvent(kb.Tab))
	require.Equal(t, "Skip to the content", b.focused())
	b.run(chromedp.KeyEvent(kb.Enter), chromedp.KeyEvent(kb.Tab))
	var inside bool
	b.run(chromedp.Evaluate(`document.querySelector("main").contains(document.activeElement)`, &inside))
	require.True(t, inside, "the skip link skips the navigation")
	reached := map[string]bool{}
	for range 40 {
		var ended bool
		if b.run(chromedp.Evaluate(`document.activeElement === document.body`, &ended)); ended {
			break
		}
		reached[b.focused()] = true
		var outline string
		b.run(chromedp.Evaluate(`(e => { const r = e.closest("a") && e.querySelector(".node rect"); return r ? getComputedStyle(r).strokeWidth : getComputedStyle(e).outlineStyle })(document.activeElement)`, &outline))
		require.Contains(t, []string{"solid", "3px", "auto"}, outline, "the focus is visible on %s", b.focused())
		b.run(chromedp.KeyEvent(kb.Tab))
	}
	require.True(t, reached["Quarantine S3 12 lines needs a look"], "%v", reached)
	require.True(t, reached["12"], "the runs of the table")

	b.run(chromedp.Navigate("http://"+s.host+"/mysql"), chromedp.Focus("#sql", chromedp.ByQuery),
		chromedp.SendKeys("#sql", "select store_id, sum(sales) from t group by 1", chromedp.ByQuery),
		chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)), // The modifier Ctrl.
		chromedp.WaitVisible("#result table", chromedp.ByQuery))
	require.Len(t, f.statements, 1)
	require.Empty(t, b.complaints())
}

func (b *browser) focused() (text string) {
	b.t.Helper()
	b.run(chromedp.Evaluate(`document.activeElement.textContent.trim().replace(/\s+/g, " ")`, &text))
	return text
}

// At 200 % zoom, and in a narrow window, only tables and the picture scroll
// horizontally, each in its own frame.
func TestZoom(t *testing.T) {
	b := newBrowser(t)
	s := serveStack(t, newHostileStack())
	b.signIn(s)
	for _, width := range []int64{windowWidth / 2, 400} {
		b.run(emulation.SetDeviceMetricsOverride(width, windowHeight/2, 2, false))
		for name, path := range views {
			var over int
			b.run(chromedp.Navigate("http://"+s.host+path), chromedp.Evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth", &over))
			var wide string
			b.run(chromedp.Evaluate(`[...document.querySelectorAll("main *")].filter(e => !e.closest(".scroll, .picture, pre") && e.getBoundingClientRect().right > document.documentElement.clientWidth).map(e => e.outerHTML.slice(0, 120)).join("; ")`, &wide))
			require.LessOrEqual(t, over, 0, "%s at %d pixels: %s", name, width, wide)
		}
		b.picture(fmt.Sprintf("zoom-%d", width))
	}
}

// A form replays a corrected line, and the theme switch works, both in the browser.
func TestFormsInABrowser(t *testing.T) {
	f := newStack()
	s := serveStack(t, f)
	b := newBrowser(t)
	b.signIn(s)
	b.run(chromedp.Navigate("http://"+s.host+views["edit"]), chromedp.SetValue("#line", `{"request_id":"a","sales":10}`, chromedp.ByQuery),
		chromedp.Click("form.card button.primary", chromedp.ByQuery), chromedp.WaitVisible(".state.good", chromedp.ByQuery))
	require.Equal(t, []string{"||{\"request_id\":\"a\",\"sales\":10}\n"}, f.replayed)
	var back string
	b.run(chromedp.Click(`.theme button[value="dark"]`, chromedp.ByQuery), chromedp.WaitVisible(`[data-theme="dark"]`, chromedp.ByQuery),
		chromedp.Evaluate("getComputedStyle(document.body).backgroundColor", &back))
	require.Equal(t, "rgb(14, 19, 26)", back)
	require.Empty(t, b.complaints())
}

// A page of another server on this machine, opened in the browser that has the
// cookie, can neither change nor read anything.
func TestHostilePageInTheSameBrowser(t *testing.T) {
	f := newStack()
	s := serveStack(t, f)
	b := newBrowser(t)
	b.signIn(s)
	arrived := make(chan string, 100)
	s.watch(func(r *http.Request) {
		select {
		case arrived <- r.Method + " " + r.URL.Path:
		default:
		}
	})
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<!doctype html><title>hostile</title><form id="f" method="post" action="http://`+s.host+`/quarantine/replay" target="t"><input name="what" value="all"><input name="csrf" value="`+s.session.form+`"></form>
<iframe name="t"></iframe><iframe src="http://`+s.host+`/"></iframe><img src="http://`+s.host+`/assets/icon.svg" id="i"><script src="http://`+s.host+`/assets/console.js"></script>
<script>document.getElementById("f").submit(); fetch("http://`+s.host+`/", {credentials: "include"}).then(r => r.text()).then(x => { document.title = "read " + x.length }, () => {});
fetch("http://`+s.host+`/mysql", {method: "POST", mode: "no-cors", credentials: "include", body: new URLSearchParams({sql: "select 1", csrf: "`+s.session.form+`"})}).finally(() => { document.body.dataset.done = "yes" });</script>`)
	}))
	t.Cleanup(page.Close)
	b.run(chromedp.Navigate(page.URL), chromedp.WaitReady(`[data-done="yes"]`, chromedp.ByQuery))
	require.Eventually(t, func() bool { return len(arrived) >= 4 }, 20*time.Second, 50*time.Millisecond, "the browser sends what the page asks for")
	var title string
	b.run(chromedp.Title(&title))
	require.Equal(t, "hostile", title)
	require.Empty(t, f.statements)
	require.Empty(t, s.replay.last().What)
	// The same requests from the console's page work.
	require.Equal(t, http.StatusSeeOther, s.post("/quarantine/replay", url.Values{"what": {"all"}}).StatusCode)
}
