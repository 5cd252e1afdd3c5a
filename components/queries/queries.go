// Package queries contains the named queries of Athena. It does not depend on
// Pulumi, so that tools can use it too.
package queries

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.sql
var files embed.FS

// Query is a named query: <Name>.sql, with its description as a comment in the first
// line. The SQL must work in both Athena (Trino) and DuckDB.
type Query struct{ Name, Description, SQL string }

// All returns the named queries, sorted by name.
func All() []Query {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("queries: %v", err)) // Unreachable: the files are embedded.
	}
	all := make([]Query, len(entries))
	for i, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			panic(fmt.Sprintf("queries: %v", err))
		}
		comment, sql, _ := strings.Cut(string(text), "\n")
		all[i] = Query{
			Name:        strings.TrimSuffix(e.Name(), ".sql"),
			Description: strings.TrimPrefix(comment, "-- "),
			SQL:         strings.TrimSpace(sql),
		}
	}
	return all
}
