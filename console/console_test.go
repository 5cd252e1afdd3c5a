package console

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// site is a console served at a free port.
type site struct {
	*Console
	t    *testing.T
	host string
	stop func()
	seen atomic.Pointer[func(*http.Request)]
}

// watch calls do for each request, before it is checked.
func (s *site) watch(do func(*http.Request)) { s.seen.Store(&do) }

func serveStack(t *testing.T, f *fake) *site {
	t.Helper()
	return serveOptions(t, Options{Stack: "test", Source: f, Check: someChecks})
}

func serveOptions(t *testing.T, o Options) *site {
	t.Helper()
	o.Streams, o.Now = []string{"sale_events", "inventory_events"}, clock
	c, err := New(o)
	require.NoError(t, err)
	server := httptest.NewUnstartedServer(nil)
	host := server.Listener.Addr().String()
	s := &site{Console: c, t: t, host: host}
	handler := c.handler(host)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if do := s.seen.Load(); do != nil {
			(*do)(r)
		}
		handler.ServeHTTP(w, r)
	})
	server.Start()
	s.stop = func() {
		server.CloseClientConnections()
		server.Close()
	}
	t.Cleanup(func() {
		server.Close()
		c.replay.wait()
	})
	return s
}

// request returns a request with the session's cookie.
func (s *site) request(method, path string, form url.Values) *http.Request {
	s.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, "http://"+s.host+path, body)
	require.NoError(s.t, err)
	r.AddCookie(&http.Cookie{Name: cookieName(s.host), Value: s.session.cookie})
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r
}

type answer struct {
	*http.Response
	body string
}

func (s *site) do(r *http.Request) answer {
	s.t.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	require.NoError(s.t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, resp.Body.Close())
	return answer{resp, string(body)}
}

func (s *site) get(path string) string {
	s.t.Helper()
	a := s.do(s.request(http.MethodGet, path, nil))
	require.Equal(s.t, http.StatusOK, a.StatusCode, "%s: %s", path, a.body)
	return a.body
}

// post sends a form of the session, and returns the redirect's target.
func (s *site) post(path string, form url.Values) answer {
	s.t.Helper()
	form.Set(formField, s.session.form)
	return s.do(s.request(http.MethodPost, path, form))
}

// views are the paths of all views.
var views = map[string]string{
	"overview":   "/",
	"runs":       "/runs",
	"run":        "/runs/12",
	"quarantine": "/quarantine",
	"lines":      "/quarantine/lines?object=" + url.QueryEscape(saleKey) + "&version=" + version1,
	"edit":       "/quarantine/edit?object=" + url.QueryEscape(saleKey) + "&version=" + version1 + "&line=4",
	"lineage":    "/lineage",
	"object":     "/lineage?of=" + url.QueryEscape(saleKey),
	"event":      "/lineage?of=" + eventKey,
	"catalog":    "/catalog",
	"athena":     "/athena",
	"named":      "/athena?named=sales-by-store",
	"mysql":      "/mysql?sql=select+1",
	"checks":     "/checks",
	"verify":     "/verify",
}

func TestEachViewShowsItsData(t *testing.T) {
	s := serveStack(t, newStack())
	require.Equal(t, http.StatusSeeOther, s.post("/checks", url.Values{}).StatusCode)
	for name, texts := range map[string][]string{
		"overview":   {"21 objects", "24,210 rows", "last run succeeded", "12 lines of 3 object versions", "Run 12", "balanced", "as of 12:00:03 UTC", `hx-trigger="every 3s"`},
		"runs":       {"12 runs in the history", `href="/runs/12"`, "2,601", "oldest first"},
		"run":        {"2,520</strong> new", "19 objects complete before", "unexpected_table", "12000", `<span class="state good">met</span>`, "restore it first", "11:58:12 2001 lines read", "402.7 KiB", "archived 1"},
		"quarantine": {"12 lines of 2 object versions", "bad_field:sales 2", "gone from S3", "Read these objects again"},
		"lines":      {"sales: &#34;ten&#34; is not decimal(12,2)", "the table has this event by now", `b\xe2\x82d`, "62 e2 82 64", "Lines 11 to 40", "30 equal lines"},
		"edit":       {"Correct line 4", "&#34;sales&#34;:&#34;ten&#34;", `name="csrf"`},
		"lineage":    {saleKey, "Objects of the last run"},
		"object":     {"1200000003", "1 to 2,000 (end)", "curated/dt=2026-05-01/batch_id=1200000003/rows.parquet", eventKey, "loaded by run", "The object has more lines"},
		"event":      {"in the table", "line 1 of", saleKey, "12.50", "null"},
		"catalog":    {"txns_sale_events", "sales: bigint became double", "not served here", "partition"},
		"athena":     {"sales-by-store", "Sum of the sales of each store"},
		"named":      {"select store_id, sum(sales)"},
		"mysql":      {"select 1"},
		"checks":     {"2 advisory", "rds-multi-az", "61.07 USD", "queue: no price"},
	} {
		body := s.get(views[name])
		for _, text := range texts {
			require.True(t, strings.Contains(body, text), "%s has no %q", name, text)
		}
	}
}
