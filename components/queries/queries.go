// Package queries holds the named queries of Athena. It imports nothing of
// Pulumi, so that tools may use it too.
package queries

import (
	"embed"
	"fmt"
	"strings"
)

//go:embed *.sql
var files embed.FS

// Query is a named query: <Name>.sql, whose first line is a comment with its
// description. It keeps to SQL that Athena (Trino) and DuckDB both know.
type Query struct{ Name, Description, SQL string }

// All are the named queries, by name.
func All() []Query {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("queries: %v", err)) // A broken build: the files are embedded.
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
