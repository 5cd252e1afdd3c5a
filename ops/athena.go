package ops

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"

	"store-events/ops/internal/query"
)

// Athena runs a statement, or a named query of the stack, in the stack's workgroup
// and catalog database. Canceling ctx stops the query.
func (o *Ops) Athena(ctx context.Context, query string) (Rows, error) {
	return o.athena.Query(ctx, query)
}

// NamedQuery is a named query of the stack.
type NamedQuery struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	SQL         string `json:"sql"`
}

// NamedQueries lists the stack's named queries, sorted by name.
func (o *Ops) NamedQueries(ctx context.Context) ([]NamedQuery, error) {
	queries := []NamedQuery{}
	for _, name := range slices.Sorted(maps.Keys(o.stack.NamedQueries)) {
		out, err := o.athenaAPI.GetNamedQuery(ctx, &athena.GetNamedQueryInput{NamedQueryId: aws.String(o.stack.NamedQueries[name])})
		if err != nil {
			return nil, fmt.Errorf("get the named query %s: %w", name, err)
		}
		queries = append(queries, NamedQuery{name, aws.ToString(out.NamedQuery.Description), aws.ToString(out.NamedQuery.QueryString)})
	}
	return queries, nil
}

// CountParquet counts the rows of the curated Parquet through Athena.
func (o *Ops) CountParquet(ctx context.Context) (n int, err error) {
	rows, err := o.athena.Query(ctx, "select count(*) from "+query.AthenaIdentifier(o.stack.CuratedTable))
	if err != nil {
		return 0, err
	}
	err = rows.Numbers(&n)
	return n, err
}
