package console

import (
	"html/template"

	"store-events/internal/printable"
)

// servedFuncs returns the template functions of served pages, with links to other pages.
func servedFuncs() template.FuncMap {
	funcs := commonFuncs()
	funcs["link"] = func(to, text string) template.HTML {
		return template.HTML(`<a href="` + template.HTMLEscapeString(to) + `">` + template.HTMLEscapeString(printable.Line(text)) + `</a>`) //nolint:gosec // Both are escaped.
	}
	funcs["static"] = func() bool { return false }
	return funcs
}

// fileFuncs returns the template functions of a file, without links.
func fileFuncs() template.FuncMap {
	funcs := commonFuncs()
	funcs["link"] = func(_, text string) string { return printable.Line(text) }
	funcs["static"] = func() bool { return true }
	return funcs
}
