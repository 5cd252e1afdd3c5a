package console

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// allPaths returns the paths of the console, and two that do not exist.
func allPaths(s *site) []string {
	paths := []string{"/elsewhere", "/_localaws/health"}
	parameters := strings.NewReplacer("{$}", "", "{run}", "1", "{file}", "console.css")
	for _, pattern := range slices.Concat(slices.Collect(maps.Keys(s.views())), slices.Collect(maps.Keys(s.actions()))) {
		_, path, _ := strings.Cut(pattern, " ")
		paths = append(paths, parameters.Replace(path))
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions, http.MethodTrace,
}

// untouched returns a stack that fails the test on any call.
func untouched(t *testing.T) *site {
	f := newStack()
	s := serveStack(t, f)
	t.Cleanup(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		require.Empty(t, f.statements)
		require.Empty(t, f.replayed)
		require.Empty(t, s.replay.last().What)
		require.Empty(t, s.verify.last().What)
		require.Nil(t, s.checks.result)
	})
	return s
}

// A request that another site may have sent is refused even with the cookie and the
// form's secret, on every route and for every method.
func TestOtherSitesAreRefused(t *testing.T) {
	s := untouched(t)
	for name, c := range map[string]struct{ host, header, value string }{
		"name that resolves to here":   {host: "rebound.example.com"},
		"name of this machine":         {host: strings.Replace(s.host, "127.0.0.1", "localhost", 1)},
		"another port":                 {host: "127.0.0.1:1"},
		"foreign page":                 {header: "Origin", value: "https://example.com"},
		"page on another port":         {header: "Origin", value: "http://127.0.0.1:8080"},
		"page without a name":          {header: "Origin", value: "null"},
		"same host by https":           {header: "Origin", value: "https://" + s.host},
		"image of a foreign page":      {header: "Sec-Fetch-Site", value: "cross-site"},
		"page of another port":         {header: "Sec-Fetch-Site", value: "same-site"},
		"unknown relation":             {header: "Sec-Fetch-Site", value: ""},
		"link on a foreign page":       {header: "Referer", value: "https://example.com/"},
		"link on a page that has name": {header: "Referer", value: "http://" + s.host + ".example.com/"},
	} {
		for _, method := range methods {
			for _, path := range allPaths(s) {
				r := s.request(method, path, url.Values{formField: {s.session.form}, "sql": {"select 1"}, "what": {"all"}})
				if c.host != "" {
					r.Host = c.host
				}
				if c.header != "" {
					r.Header[c.header] = []string{c.value}
				}
				a := s.do(r)
				require.Equal(t, http.StatusForbidden, a.StatusCode, "%s: %s %s", name, method, path)
				require.NotContains(t, a.body, s.session.form)
			}
		}
	}
}

// Browsers do not apply the same-origin policy to web sockets, so the server must.
func TestWebSocketsOfOtherSitesAreRefused(t *testing.T) {
	s := untouched(t)
	for _, origin := range []string{"https://example.com", "http://127.0.0.1:8080", "null", "http://localhost:" + strings.Split(s.host, ":")[1]} {
		for _, path := range allPaths(s) {
			r := s.request(http.MethodGet, path, nil)
			for name, value := range map[string]string{
				"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": origin,
			} {
				r.Header.Set(name, value)
			}
			require.Equal(t, http.StatusForbidden, s.do(r).StatusCode, "%s %s", origin, path)
		}
	}
}

func TestRequestsNeedTheSession(t *testing.T) {
	s := untouched(t)
	for name, change := range map[string]func(*http.Request){
		"no cookie":               func(r *http.Request) { r.Header.Del("Cookie") },
		"cookie of another start": func(r *http.Request) { r.Header.Set("Cookie", cookieName(s.host)+"=other") },
		"empty cookie":            func(r *http.Request) { r.Header.Set("Cookie", cookieName(s.host)+"=") },
		"cookie of another port":  func(r *http.Request) { r.Header.Set("Cookie", "store-events-console-1="+s.session.cookie) },
		"wrong token": func(r *http.Request) {
			r.Header.Del("Cookie")
			r.URL.RawQuery = "token=wrong"
		},
		"empty token": func(r *http.Request) {
			r.Header.Del("Cookie")
			r.URL.RawQuery = "token="
		},
		"the form's secret as token": func(r *http.Request) {
			r.Header.Del("Cookie")
			r.URL.RawQuery = "token=" + s.session.form
		},
	} {
		for _, method := range methods {
			for _, path := range allPaths(s) {
				r := s.request(method, path, url.Values{formField: {s.session.form}, "sql": {"select 1"}, "what": {"all"}})
				change(r)
				require.Equal(t, http.StatusForbidden, s.do(r).StatusCode, "%s: %s %s", name, method, path)
			}
		}
	}
}

func TestFormsNeedTheSecretOfTheSession(t *testing.T) {
	s := untouched(t)
	for _, path := range allPaths(s) {
		for name, form := range map[string]url.Values{
			"none": {"sql": {"select 1"}}, "wrong": {formField: {"wrong"}, "sql": {"select 1"}}, "the cookie": {formField: {s.session.cookie}, "sql": {"select 1"}},
		} {
			require.Equal(t, http.StatusForbidden, s.do(s.request(http.MethodPost, path, form)).StatusCode, "%s: %s", path, name)
			// In the URL it would be in the browser's history.
			require.Equal(t, http.StatusForbidden, s.do(s.request(http.MethodPost, path+"?csrf="+s.session.form, form)).StatusCode, path)
		}
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions} {
			a := s.do(s.request(method, path, url.Values{formField: {s.session.form}}))
			require.Equal(t, http.StatusMethodNotAllowed, a.StatusCode, "%s %s", method, path)
		}
	}
	// A link fills the form, but does not run the statement.
	require.Contains(t, s.get("/mysql?sql=select+42"), "select 42")
	s.get("/athena?named=sales-by-store")
}

func TestTokenIsExchangedForACookie(t *testing.T) {
	s := serveStack(t, newStack())
	exchange := func(token string) answer {
		r := s.request(http.MethodGet, "/runs?token="+token+"&before=5", nil)
		r.Header.Del("Cookie")
		return s.do(r)
	}
	a := exchange(s.session.token)
	require.Equal(t, http.StatusSeeOther, a.StatusCode)
	require.Equal(t, "/runs?before=5", a.Header.Get("Location"))
	cookie := a.Cookies()[0]
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.Equal(t, s.session.cookie, cookie.Value)
	require.NotEqual(t, s.session.token, s.session.cookie)
	require.Equal(t, http.StatusSeeOther, exchange(s.session.token).StatusCode, "the printed URL can be opened again")

	secret := s.session.once.secret
	require.Equal(t, http.StatusSeeOther, exchange(secret).StatusCode)
	require.Equal(t, http.StatusForbidden, exchange(secret).StatusCode, "a token that others can see is valid only once")
	require.Equal(t, http.StatusForbidden, exchange("").StatusCode)

	r := s.request(http.MethodGet, "//example.com/?token="+s.session.token, nil)
	require.Equal(t, "/", s.do(r).Header.Get("Location"))
}

func TestSecurityHeaders(t *testing.T) {
	s := serveStack(t, newStack())
	for _, path := range []string{"/", "/assets/console.css", "/elsewhere"} {
		a := s.do(s.request(http.MethodGet, path, nil))
		require.Contains(t, a.Header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'; style-src 'self'")
		require.NotContains(t, a.Header.Get("Content-Security-Policy"), "unsafe")
		require.Equal(t, "nosniff", a.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "same-origin", a.Header.Get("Referrer-Policy"))
		require.Empty(t, a.Header.Get("Access-Control-Allow-Origin"))
	}
	require.Equal(t, "no-store", s.do(s.request(http.MethodGet, "/", nil)).Header.Get("Cache-Control"))
	require.Equal(t, http.StatusNotFound, s.do(s.request(http.MethodGet, "/elsewhere", nil)).StatusCode)
	require.Equal(t, http.StatusBadRequest, s.do(s.request(http.MethodGet, "/assets/..%2fconsole.go", nil)).StatusCode)
}

// Keys, lines, reasons, names and results are written by the producers of the bucket.
func TestHostileContentIsEscaped(t *testing.T) {
	s := serveOptions(t, Options{Stack: hostile, Source: newHostileStack(), Check: hostileChecks})
	require.Equal(t, http.StatusSeeOther, s.post("/checks", url.Values{}).StatusCode)
	pages := map[string]string{}
	for name, path := range views {
		pages[name] = s.get(path)
	}
	pages["result"] = s.post("/athena", url.Values{"sql": {hostile}}).body
	pages["asked"] = s.get("/lineage?of=" + url.QueryEscape(hostile))
	pages["line"] = s.get("/mysql?sql=" + url.QueryEscape(hostile))
	f := newStack()
	f.err = inputError{errHostile}
	failing := serveStack(t, f)
	for name, path := range views {
		pages["failed "+name] = failing.do(failing.request(http.MethodGet, path, nil)).body
	}
	for name, body := range pages {
		for _, raw := range []string{"<script>alert", "<img", `href="javascript`} {
			require.False(t, strings.Contains(body, raw), "%s has %s", name, raw)
		}
		require.False(t, strings.ContainsFunc(body, func(r rune) bool {
			return r == unicode.ReplacementChar && name != "edit" || r != '\n' && unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
		}), "%s has a control character", name)
	}
	require.Contains(t, pages["lines"], `&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&gt;&lt;img src=x onerror=alert(1)&gt;\x1b[31m\x00\u202e\xff`)
	require.Contains(t, pages["edit"], `\u001b[31m\u0000\u202e�`)
}

type hostileError struct{}

func (hostileError) Error() string { return hostile }

var errHostile = hostileError{}
