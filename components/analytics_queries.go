package components

import (
	"embed"
	"fmt"
	"path"
	"strings"
)

//go:embed queries/*.sql
var queryFiles embed.FS

// Query is a named query: queries/<Name>.sql, whose first line is a comment with
// its description. It keeps to SQL that Athena (Trino) and DuckDB both know.
type Query struct{ Name, Description, SQL string }

// Queries are the named queries, by name.
func Queries() []Query {
	entries, err := queryFiles.ReadDir("queries")
	if err != nil {
		panic(fmt.Sprintf("components: queries: %v", err)) // A broken build: the folder is embedded.
	}
	all := make([]Query, len(entries))
	for i, e := range entries {
		text, err := queryFiles.ReadFile(path.Join("queries", e.Name()))
		if err != nil {
			panic(fmt.Sprintf("components: queries: %v", err))
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
