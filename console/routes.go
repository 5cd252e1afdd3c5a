package console

import (
	"errors"
	"math"
	"net/http"
	"net/url"
	"strconv"

	"store-events/ops"
)

// views maps the console's paths to its views.
func (c *Console) views() map[string]view {
	return map[string]view{
		"GET /{$}":               c.overview,
		"GET /runs":              c.runs,
		"GET /runs/{run}":        c.run,
		"GET /quarantine":        c.quarantine,
		"GET /quarantine/lines":  c.quarantineLines,
		"GET /quarantine/edit":   c.quarantineEdit,
		"GET /quarantine/replay": c.replayShow,
		"GET /lineage":           c.lineage,
		"GET /catalog":           c.catalog,
		"GET /athena":            c.athena,
		"POST /athena":           c.athena,
		"GET /mysql":             c.mysql,
		"POST /mysql":            c.mysql,
		"GET /checks":            c.checksShow,
		"GET /verify":            c.verifyShow,
	}
}

// actions maps the paths without a view to their handlers.
func (c *Console) actions() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"POST /quarantine/replay": c.replayStart,
		"POST /checks":            c.checksRun,
		"POST /verify":            c.verifyStart,
		"POST /theme":             setTheme,
		"GET /assets/{file}":      c.asset,
	}
}

func (c *Console) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, v := range c.views() {
		mux.HandleFunc(pattern, c.serve(v))
	}
	for pattern, act := range c.actions() {
		mux.HandleFunc(pattern, act)
	}
	mux.HandleFunc("/", c.serve(func(*http.Request) (pageContent, error) { return pageContent{}, errNotFound }))
	return mux
}

// view returns the content of a page.
type view func(*http.Request) (pageContent, error)

// pageContent is the content of a page.
type pageContent struct {
	// template is the name of the page's template without .html, nav the name of its
	// entry in the navigation.
	template, nav, title string
	data                 any
	// live pages refresh themselves.
	live bool
}

var errNotFound = errors.New("there is no such page")

// errNothingReplayed is the error of a link to a replay before the console's first one.
var errNothingReplayed = errors.New("nothing was replayed yet: choose a line in the quarantine")

// errNothingStarted is the error of a request to start something that is already running.
var errNothingStarted = errors.New("nothing was started")

// inputError is the error of an invalid request.
type inputError struct{ error }

// serve responds with a view, or with its error in the console's frame.
func (c *Console) serve(v view) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, err := v(r)
		p := c.page(r, s)
		if err != nil {
			if r.Context().Err() != nil {
				return // The client has closed the connection.
			}
			p.Problem = err.Error()
			w.WriteHeader(c.failureStatus(err))
		}
		c.render(w, p)
	}
}

// refuse responds to a form with an error instead of a view.
func (c *Console) refuse(w http.ResponseWriter, r *http.Request, s pageContent, err error) {
	c.serve(func(*http.Request) (pageContent, error) { return s, err })(w, r)
}

func (c *Console) failureStatus(err error) int {
	var input inputError
	switch {
	case errors.Is(err, errNotFound), errors.Is(err, errNothingReplayed), errors.Is(err, ops.ErrNoRun), errors.Is(err, ops.ErrNoLine):
		return http.StatusNotFound
	case errors.As(err, &input), errors.Is(err, ops.ErrNoEventObject):
		return http.StatusBadRequest
	case errors.Is(err, errNothingStarted):
		return http.StatusConflict
	}
	c.Log.Warn("a view failed", "error", err)
	return http.StatusBadGateway
}

// number returns a numeric parameter, 0 if it is missing.
func number(r *http.Request, name string) (int, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > math.MaxInt32 { // The end of a page does not overflow.
		return 0, inputError{errors.New(name + " must be a number")}
	}
	return n, nil
}

// address returns the URL of a page with parameters, as alternating names and values.
// Empty values are omitted.
func address(path string, parameters ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(parameters); i += 2 {
		if parameters[i+1] != "" {
			q.Set(parameters[i], parameters[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// Themes.
const (
	themeCookie = "store-events-theme"
	light       = "light"
	dark        = "dark"
)

// themeOf returns the theme that the user chose; "" for the system's.
func themeOf(r *http.Request) string {
	if cookie, err := r.Cookie(themeCookie); err == nil && (cookie.Value == light || cookie.Value == dark) {
		return cookie.Value
	}
	return ""
}

func setTheme(w http.ResponseWriter, r *http.Request) {
	age := 0
	theme := r.PostForm.Get("theme")
	if theme != light && theme != dark {
		theme, age = "", -1
	}
	// Without Secure, because the console uses http on the loopback address.
	http.SetCookie(w, &http.Cookie{
		Name: themeCookie, Value: theme, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
	back, err := url.Parse(r.PostForm.Get("back"))
	if err != nil {
		back = &url.URL{}
	}
	target := url.URL{Path: localPath(back.Path), RawQuery: back.RawQuery}
	http.Redirect(w, r, target.String(), http.StatusSeeOther)
}

func (c *Console) asset(w http.ResponseWriter, r *http.Request) {
	// Assets do not change while the console runs.
	w.Header().Set("Cache-Control", "private, max-age=3600")
	http.ServeFileFS(w, r, c.assets, r.PathValue("file"))
}
