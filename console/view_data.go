package console

import (
	"context"
	"net/http"
	"strings"

	"store-events/ops"
)

const (
	eventsShown = 200
	rowsShown   = 500
)

// lineageData is the lineage of an object or an event.
type lineageData struct {
	Asked  string
	Object *ops.ObjectLineage
	Event  *ops.EventLineage
	Recent []ops.ManifestObject // Objects of the last run, as suggestions.
}

func (c *Console) lineage(r *http.Request) (pageContent, error) {
	s := pageContent{template: "lineage", nav: "lineage", title: "Lineage"}
	d := lineageData{Asked: strings.TrimSpace(r.URL.Query().Get("of"))}
	var err error
	switch {
	case d.Asked == "":
		d.Recent, err = c.recentObjects(r.Context())
	case strings.Contains(d.Asked, "/"): // A key of an event is a UUID.
		var l ops.ObjectLineage
		l, err = c.Source.ObjectLineage(r.Context(), d.Asked, eventsShown)
		d.Object = &l
	default:
		var l ops.EventLineage
		l, err = c.Source.EventLineage(r.Context(), d.Asked)
		d.Event = &l
	}
	s.data = d
	return s, err
}

// recentObjects returns objects of the last run that has any.
func (c *Console) recentObjects(ctx context.Context) ([]ops.ManifestObject, error) {
	const limit = 20
	page, err := c.Source.RunsBefore(ctx, 0, 5)
	if err != nil {
		return nil, err
	}
	for _, run := range page.Runs {
		// A run that died has no manifest.
		m, err := c.Source.Manifest(ctx, run.ID, "")
		if err == nil && len(m.Objects) > 0 {
			return m.Objects[:min(limit, len(m.Objects))], nil
		}
	}
	return nil, nil
}

// catalogData are the tables of the catalog.
type catalogData struct{ Tables []ops.CatalogTable }

func (c *Console) catalog(r *http.Request) (pageContent, error) {
	tables, err := c.Source.Catalog(r.Context())
	return pageContent{template: "catalog", nav: "catalog", title: "Catalog", data: catalogData{tables}}, err
}

// queryData is a query box with its result.
type queryData struct {
	Path, Engine string
	About        string
	SQL          string
	Named        []ops.NamedQuery
	Chosen       string // Named query in the box.
	Result       *ops.FirstRows
	Chart        *barList
	Failed       string
}

func (c *Console) athena(r *http.Request) (pageContent, error) {
	d := &queryData{
		Path: "/athena", Engine: "Athena",
		About: "Statements run in the stack's workgroup, over the Parquet and the crawled tables. On AWS, Athena bills each by the data that it reads.",
	}
	var err error
	if d.Named, err = c.Source.NamedQueries(r.Context()); err != nil {
		return pageContent{template: "query", nav: "athena", title: "Athena"}, err
	}
	chosen := r.FormValue("named")
	for _, q := range d.Named {
		if q.Name == chosen {
			d.Chosen, d.SQL = q.Name, q.SQL
		}
	}
	c.runQuery(r, d, c.Source.AthenaFirst)
	return pageContent{template: "query", nav: "athena", title: "Athena", data: d}, nil
}

func (c *Console) mysql(r *http.Request) (pageContent, error) {
	d := &queryData{
		Path: "/mysql", Engine: "MySQL",
		About: "Statements run as the reader, who may only read. On AWS they run on the consumer instance, because the database is private.",
	}
	d.SQL = r.URL.Query().Get("sql")
	c.runQuery(r, d, c.Source.QueryFirst)
	return pageContent{template: "query", nav: "mysql", title: "MySQL", data: d}, nil
}

// runQuery runs the statement of a form. A link must not run anything, and only fills the box.
func (c *Console) runQuery(r *http.Request, d *queryData, run func(context.Context, string, int) (ops.FirstRows, error)) {
	if r.Method != http.MethodPost {
		return
	}
	if text := strings.TrimSpace(r.PostForm.Get("sql")); text != "" {
		d.SQL = text
	}
	if d.SQL == "" {
		d.Failed = "There is no statement."
		return
	}
	statement := d.SQL
	if !strings.ContainsAny(statement, " \t\n") {
		statement += " " // A single word is a statement here, not the name of a query.
	}
	rows, err := run(r.Context(), statement, rowsShown)
	if err != nil {
		d.Failed = err.Error()
		return
	}
	d.Result, d.Chart = &rows, newBarList(rows.Rows)
}
