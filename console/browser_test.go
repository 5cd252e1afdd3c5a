package console

import (
	"context"
	"encoding/json"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	chromepage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"localaws/testtools"
)

var pictures = flag.String("pictures", "", "folder for a picture of each view in each theme")

// browser is a tab of a real Chromium, with the errors that it reports.
type browser struct {
	ctx context.Context //nolint:containedctx // The context is the tab.
	t   *testing.T

	mu       sync.Mutex
	problems []string
}

const (
	windowWidth  = 1360
	windowHeight = 900
)

// chromium is shared by all tests, because its start takes seconds.
var chromium struct {
	once    sync.Once
	ctx     context.Context //nolint:containedctx // The context is the browser.
	stop    func()
	started bool
}

func TestMain(m *testing.M) {
	status := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(status)
}

func startChromium(t *testing.T) {
	t.Helper()
	profile, err := os.MkdirTemp("", "console-browser") //nolint:usetesting // The browser is shared by all tests.
	require.NoError(t, err)
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(testtools.Chromium(t)), chromedp.NoSandbox, chromedp.Flag("disable-dev-shm-usage", true),
		chromedp.WindowSize(windowWidth, windowHeight), chromedp.UserDataDir(profile), chromedp.Flag("force-device-scale-factor", "1"),
		chromedp.Flag("font-render-hinting", "none"))
	allocated, kill := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	ctx, closeTab := chromedp.NewContext(allocated)
	chromium.ctx, chromium.stop = ctx, func() {
		closeTab()
		kill()
		// Child processes write into the profile until they exit.
		for end := time.Now().Add(20 * time.Second); os.RemoveAll(profile) != nil && time.Now().Before(end); {
			time.Sleep(100 * time.Millisecond)
		}
	}
	require.NoError(t, chromedp.Run(ctx))
	chromium.started = true
}

// newBrowser opens a tab with separate cookies, storage and cache.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	chromium.once.Do(func() { startChromium(t) })
	require.True(t, chromium.started, "the browser did not start: see the first test that needs it")
	browserWide := cdp.WithExecutor(chromium.ctx, chromedp.FromContext(chromium.ctx).Browser)
	own, err := target.CreateBrowserContext().Do(browserWide)
	require.NoError(t, err)
	tab, err := target.CreateTarget("about:blank").WithBrowserContextID(own).WithNewWindow(true).Do(browserWide)
	require.NoError(t, err)
	ctx, leave := chromedp.NewContext(chromium.ctx, chromedp.WithTargetID(tab))
	ctx, over := context.WithTimeout(ctx, 4*time.Minute)
	t.Cleanup(func() {
		over()
		leave()
		require.NoError(t, target.DisposeBrowserContext(own).Do(browserWide))
	})
	b := &browser{ctx: ctx, t: t}
	chromedp.ListenTarget(ctx, b.listen)
	b.run(log.Enable(), network.Enable(), runtime.Enable())
	return b
}

// listen records errors in the browser's console: violations of the content
// security policy, exceptions, and failed requests.
func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			b.problems = append(b.problems, e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventExceptionThrown:
		b.problems = append(b.problems, e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			b.problems = append(b.problems, "console.error")
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			b.problems = append(b.problems, e.Response.URL+" "+e.Response.StatusText)
		}
	case *chromepage.EventJavascriptDialogOpening:
		b.problems = append(b.problems, "a dialog: "+e.Message)
	}
}

func (b *browser) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	found := b.problems
	b.problems = nil
	return found
}

func (b *browser) run(actions ...chromedp.Action) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Run(b.ctx, actions...))
}

// as sets the system's theme to light or dark.
func (b *browser) as(theme string) {
	b.t.Helper()
	b.run(emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}))
}

// signIn opens the URL with the token.
func (b *browser) signIn(s *site) {
	b.t.Helper()
	b.run(chromedp.Navigate("http://" + s.host + "/?token=" + url.QueryEscape(s.session.token)))
	var location string
	b.run(chromedp.Location(&location))
	require.Equal(b.t, "http://"+s.host+"/", location, "the token leaves the address bar")
}

// axeResult is the part of axe's report that the tests read.
type axeResult struct {
	Violations []struct {
		ID, Impact, Help string
		Nodes            []struct {
			HTML           string `json:"html"`
			FailureSummary string `json:"failureSummary"`
		}
	}
	Passes []struct{ ID string }
}

// serious returns axe's serious and critical findings. axe runs in an isolated world
// of the debugger, so that the content security policy does not have to change.
func (b *browser) serious() (found []string, passes int) {
	b.t.Helper()
	script, err := os.ReadFile("testdata/axe.min.js")
	require.NoError(b.t, err)
	var text string
	b.run(chromedp.Evaluate(string(script)+"\n;0", nil),
		chromedp.Evaluate(`axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify({violations: r.violations, passes: r.passes.map(p => ({id: p.id}))}))`,
			&text, awaited))
	var r axeResult
	require.NoError(b.t, json.Unmarshal([]byte(text), &r))
	for _, v := range r.Violations {
		if v.Impact != "serious" && v.Impact != "critical" {
			continue
		}
		for _, n := range v.Nodes {
			found = append(found, v.ID+": "+n.HTML+": "+strings.Join(strings.Fields(n.FailureSummary), " "))
		}
	}
	return found, len(r.Passes)
}

// awaited makes an expression wait for its promise.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

func (b *browser) picture(name string) {
	b.t.Helper()
	if *pictures == "" {
		return
	}
	var png []byte
	b.run(chromedp.FullScreenshot(&png, 100))
	require.NoError(b.t, os.WriteFile(*pictures+"/"+name+".png", png, 0o600))
}

// isTested reports whether a view of a stack is tested: an empty stack has no runs, and
// a large one differs only in its lists.
func isTested(stack, name string) bool {
	switch stack {
	case "empty":
		return name != "run" && name != "edit"
	case "large":
		return slices.Contains([]string{"overview", "runs", "quarantine", "lines"}, name)
	}
	return true
}

// looksAsBefore compares a screenshot with the stored picture, which has one pixel for
// each square of the comparison.
func (b *browser) looksAsBefore(name string) {
	b.t.Helper()
	var shot []byte
	b.run(chromedp.Evaluate("document.fonts.ready.then(() => true)", nil, awaited), chromedp.CaptureScreenshot(&shot))
	got, file := shrunk(b.t, shot), filepath.Join("testdata", "views", name+".png")
	if *update {
		require.NoError(b.t, os.WriteFile(file, got, 0o600))
	}
	want, err := os.ReadFile(file) //nolint:gosec // A picture of the project.
	require.NoError(b.t, err, "run go test ./console -run TestViewsInABrowser -update -pictures <folder>, and check the pictures")
	share := differing(b.t, want, got, 1)
	// Code uses a font of the machine.
	require.LessOrEqual(b.t, share, 0.03, "%s differs in %.1f %% of its squares: run the test with -update and -pictures, and check the pictures", name, 100*share)
}

// Each view opens in both themes and looks as before, without errors in the browser's console, violations of the
// content security policy, or serious findings of axe.
func TestViewsInABrowser(t *testing.T) {
	b := newBrowser(t)
	for stack, f := range map[string]*fake{"demo": newStack(), "failed": newFailedStack(), "empty": newEmptyStack(), "large": newLargeStack(), "hostile": newHostileStack()} {
		o := Options{Stack: "test", Source: f, Check: someChecks}
		if stack == "hostile" {
			o.Check = hostileChecks
		}
		s := serveOptions(t, o)
		b.signIn(s)
		s.post("/checks", url.Values{})
		s.post("/verify", url.Values{})
		s.verify.wait()
		themes := []string{light, dark}
		if stack == "hostile" {
			themes = themes[:1] // Only its text is checked.
		}
		for _, theme := range themes {
			b.as(theme)
			for name, path := range views {
				if !isTested(stack, name) {
					continue
				}
				b.run(chromedp.Navigate("http://" + s.host + path))
				var title string
				b.run(chromedp.Text("h1", &title, chromedp.ByQuery))
				require.NotEqual(t, "Problem", title, "%s of %s", name, stack)
				require.Empty(t, b.complaints(), "%s of %s, %s", name, stack, theme)
				found, passes := b.serious()
				require.Empty(t, found, "%s of %s, %s", name, stack, theme)
				require.Greater(t, passes, 10, "axe checked the page")
				b.picture(stack + "-" + name + "-" + theme)
				b.looksAsBefore(stack + "-" + name + "-" + theme)
			}
		}
	}
}
