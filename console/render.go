package console

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"store-events/internal/plural"
	"store-events/internal/printable"
	"store-events/ops"
)

//go:embed assets templates
var embedded embed.FS

// page is the data of the frame of all pages.
type page struct {
	Stack      string
	Title, Nav string
	Theme      string
	Form       string // Secret of the session's forms.
	Back       string // The page's own URL.
	At         time.Time
	Live       bool
	Streams    []string
	Problem    string // Why there is no view.
	View       any

	template string
}

func (c *Console) page(r *http.Request, s pageContent) page {
	p := page{
		Stack: c.Stack, Title: s.title, Nav: s.nav, Theme: themeOf(r), Form: c.session.form, Back: r.URL.RequestURI(),
		At: c.Now().UTC(), Live: s.live, Streams: c.Streams, View: s.data, template: s.template,
	}
	if s.template == "" {
		p.Title, p.template = "Problem", "problem"
	}
	return p
}

func (c *Console) render(w http.ResponseWriter, p page) {
	name := p.template
	if p.Problem != "" {
		name = "problem"
	}
	var out bytes.Buffer
	if err := c.pages[name].ExecuteTemplate(&out, "layout", p); err != nil {
		c.Log.Error("a page cannot be rendered", "page", name, "error", err)
		http.Error(w, "The page cannot be rendered.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = out.WriteTo(w) // The browser may have closed the connection.
}

// parse reads the templates: each page with the shared templates.
func parse(funcs template.FuncMap) (map[string]*template.Template, error) {
	shared, err := template.New("").Funcs(funcs).ParseFS(embedded, "templates/shared/*.html")
	if err != nil {
		return nil, fmt.Errorf("read the templates: %w", err)
	}
	files, err := fs.Glob(embedded, "templates/*.html")
	if err != nil {
		return nil, err
	}
	pages := map[string]*template.Template{}
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".html")
		page, err := shared.Clone()
		if err != nil {
			return nil, err
		}
		if pages[name], err = page.ParseFS(embedded, file); err != nil {
			return nil, fmt.Errorf("read the template %s: %w", file, err)
		}
	}
	return pages, nil
}

// commonFuncs returns the functions of all templates. Every untrusted string must go
// through show or multiline: html/template escapes HTML, but not invisible characters.
func commonFuncs() template.FuncMap {
	return template.FuncMap{
		"show":      printable.Line,
		"multiline": printable.Text,
		"n":         grouped,
		"count":     countOf,
		"address":   address,
		"seconds":   secondsText,
		"utc":       func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
		"clock":     func(t time.Time) string { return t.UTC().Format("15:04:05") },
		"short":     shortened,
		"usd":       func(amount float64) string { return fmt.Sprintf("%.2f", amount) },
		"size":      sizeText,
		"size64":    func(n int64) string { return sizeText(int(n)) },
		"numeric":   func(c ops.Cell) bool { _, err := strconv.ParseFloat(c.Text, 64); return err == nil && !c.Null },
		"severity":  severityTone,
		"tone":      toneOf,
		"word":      stateWord,
		"runTone":   runTone,
		"escape":    url.PathEscape,
		"lower":     strings.ToLower,
		"pairs":     sortedCounts,
		"sum":       func(counts map[string]int) (n int) { return sumOf(counts) },
		"text":      func(v any) string { return fmt.Sprint(v) },
		"add":       func(a, b int) int { return a + b },
		"one":       func(i int) bool { return i == 1 },
	}
}

// grouped returns a number with thousands separators, such as 12,345.
func grouped(n int) string {
	text := strconv.Itoa(n)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(text) - 3; i > start; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// countOf returns a count with its noun.
func countOf(n int, noun string) string {
	_, word, _ := strings.Cut(plural.Count(n, noun), " ")
	return grouped(n) + " " + word
}

func secondsText(s float64) string {
	switch {
	case s == 0:
		return "–"
	case s < 60:
		return fmt.Sprintf("%.1f s", s)
	case s < 3600:
		return fmt.Sprintf("%d min %02d s", int(s)/60, int(s)%60)
	}
	return fmt.Sprintf("%d h %02d min", int(s)/3600, int(s)%3600/60)
}

func sizeText(n int) string {
	switch {
	case n < 1<<10:
		return countOf(n, "byte")
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// shortened cuts the middle out of a long name, because the ends distinguish names.
func shortened(text string, limit int) string {
	runes := []rune(printable.Line(text))
	if len(runes) <= limit {
		return string(runes)
	}
	head := (limit - 1) / 2
	return string(runes[:head]) + "…" + string(runes[len(runes)-(limit-1-head):])
}
