package console

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"store-events/ops"
)

func newReportOf(t *testing.T, o Options, run int) (string, Report) {
	t.Helper()
	o.Now = clock
	c, err := New(o)
	require.NoError(t, err)
	html, r, err := c.Write(t.Context(), run)
	require.NoError(t, err)
	require.Equal(t, len(html), r.Bytes)
	return string(html), r
}

// requireSelfContained fails if a page has external references.
func requireSelfContained(t *testing.T, html string) {
	t.Helper()
	withoutFont := regexp.MustCompile(`url\("data:font/woff2;base64,[A-Za-z0-9+/=]+"\)`).ReplaceAllString(html, "")
	require.NotEqual(t, html, withoutFont, "the font is embedded")
	for _, reference := range []string{"url(\"", "url('", "@import", "<script", "<link", "<form", "<iframe"} {
		require.False(t, strings.Contains(withoutFont, reference), "the report has %s", reference)
	}
	tags := regexp.MustCompile(`"[^"]*"`).ReplaceAllString(withoutFont, `""`)
	require.Empty(t, regexp.MustCompile(`<[a-z][^>]*\s(src|href|action|hx-[a-z]+)=`).FindAllString(tags, -1))
	require.Contains(t, html, `http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; font-src data:; style-src &#39;sha256-`)
}

func TestReportIsOneFile(t *testing.T) {
	html, r := newReportOf(t, Options{Stack: "test", Source: newStack(), Check: someChecks}, 0)
	requireSelfContained(t, html)
	require.Equal(t, Report{Stack: "test", Runs: 12, Parts: 16, Quarantined: 2, Bytes: len(html)}, r)
	for _, text := range []string{"State of stack test", "24,210 rows", "12 lines of 2 object versions", "txns_sale_events", "sales: bigint became double", "rds-multi-az", "61.07 USD", "2026-05-01 12:00:03 UTC"} {
		require.True(t, strings.Contains(html, text), text)
	}
	require.Less(t, len(html), 200_000)
}

func TestReportOfARun(t *testing.T) {
	f := newFailedStack()
	html, r := newReportOf(t, Options{Stack: "test", Source: f, Check: someChecks}, 14)
	requireSelfContained(t, html)
	require.Equal(t, Report{Stack: "test", Run: 14, Runs: 1, Objects: 2, Bytes: len(html)}, r)
	for _, text := range []string{"<h1>Run 14</h1>", "more than max_invalid_share", "Traceback", "events-2.json.gz"} {
		require.True(t, strings.Contains(html, text), text)
	}
	require.NotContains(t, html, "txns_sale_events")
	c, err := New(Options{Stack: "test", Source: f, Check: someChecks})
	require.NoError(t, err)
	_, _, err = c.Write(t.Context(), 99)
	require.ErrorIs(t, err, ops.ErrNoRun)
}

func TestReportOfALargeStackIsLimited(t *testing.T) {
	html, r := newReportOf(t, Options{Stack: "test", Source: newLargeStack(), Check: someChecks}, 0)
	require.Equal(t, reportedRuns, r.Runs)
	require.Equal(t, reportedVersions, r.Quarantined)
	require.Contains(t, html, "The last 100 of 1,000 runs")
	require.Contains(t, html, "10,000 lines of 1,000 object versions; the last 200 are listed.")
}

func TestReportOfHostileContent(t *testing.T) {
	for _, run := range []int{0, 12} {
		html, _ := newReportOf(t, Options{Stack: hostile, Source: newHostileStack(), Check: hostileChecks}, run)
		requireSelfContained(t, html)
		require.NotContains(t, html, "<img")
		require.False(t, strings.ContainsFunc(html, func(r rune) bool {
			return r == unicode.ReplacementChar || r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
		}))
	}
}

func TestReportOfAnEmptyStack(t *testing.T) {
	html, _ := newReportOf(t, Options{Stack: "test", Source: newEmptyStack(), Check: someChecks}, 0)
	requireSelfContained(t, html)
	require.Contains(t, html, "The job has not run yet")
}

// pausedStack is a stack whose database does not answer.
type pausedStack struct{ *fake }

func (pausedStack) RunsBefore(context.Context, int, int) (ops.RunsPage, error) {
	return ops.RunsPage{}, ops.ErrPaused
}

func (pausedStack) QuarantinePage(context.Context, string, int, int) (ops.QuarantinePage, error) {
	return ops.QuarantinePage{}, ops.ErrPaused
}

func TestReportOfAPausedStack(t *testing.T) {
	f := newStack()
	f.status.Paused, f.status.Runs = true, nil
	html, r := newReportOf(t, Options{Stack: "test", Source: pausedStack{f}, Check: someChecks}, 0)
	require.Equal(t, Report{Stack: "test", Parts: 16, Bytes: len(html)}, r)
	require.Contains(t, html, "The stack is paused")
	require.Contains(t, html, "txns_sale_events")
	require.NotContains(t, html, "has not run yet", "nobody knows")
}

// A report can be opened from disk, without the console or a network, and looks the same
// without JavaScript.
func TestReportOpensFromDisk(t *testing.T) {
	b := newBrowser(t)
	var asked []string
	chromedp.ListenTarget(b.ctx, func(event any) {
		if e, sent := event.(*network.EventRequestWillBeSent); sent && !strings.HasPrefix(e.Request.URL, "data:font/") {
			b.mu.Lock()
			defer b.mu.Unlock()
			asked = append(asked, e.Request.URL)
		}
	})
	for name, run := range map[string]int{"state": 0, "run": 14} {
		html, _ := newReportOf(t, Options{Stack: "test", Source: newFailedStack(), Check: someChecks}, run)
		address := "file://" + filepath.Join(t.TempDir(), name+".html")
		require.NoError(t, os.WriteFile(strings.TrimPrefix(address, "file://"), []byte(html), 0o600))
		for _, theme := range []string{light, dark} {
			b.as(theme)
			asked = nil
			var shots [2][]byte
			var font bool
			b.run(chromedp.Navigate(address), chromedp.Evaluate(`document.fonts.ready.then(() => document.fonts.check("15px Inter"))`, &font, awaited), chromedp.CaptureScreenshot(&shots[0]))
			require.True(t, font, "the font is embedded")
			require.Equal(t, []string{address}, asked, "the report loads nothing else")
			found, passes := b.serious()
			require.Empty(t, found, "%s, %s", name, theme)
			require.Greater(t, passes, 10)
			b.picture("report-" + name + "-" + theme)
			b.looksAsBefore("report-" + name + "-" + theme)
			b.run(emulation.SetScriptExecutionDisabled(true), chromedp.Navigate(address), chromedp.CaptureScreenshot(&shots[1]), emulation.SetScriptExecutionDisabled(false))
			require.Empty(t, different(t, shots[0], shots[1]), "%s, %s, without JavaScript", name, theme)
			require.Empty(t, b.complaints())
		}
	}
}
