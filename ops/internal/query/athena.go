package query

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"

	"store-events/ops/internal/poll"
)

// Athena runs queries in the stack's workgroup and catalog database.
type Athena struct {
	Client              *athena.Client
	Poll                poll.Poller
	Workgroup, Database string
	// NamedQueries maps the names of the stack's named queries to their IDs.
	NamedQueries map[string]string
}

// Error is the error of a query that failed in Athena.
type Error struct{ text string }

func (e *Error) Error() string { return e.text }

// Run runs a statement, or a named query of the stack. Canceling ctx stops it.
func (a Athena) Run(ctx context.Context, query string, to Visitor) error {
	statement, err := a.statement(ctx, query)
	if err != nil {
		return err
	}
	out, err := a.Client.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString:           &statement,
		WorkGroup:             &a.Workgroup,
		QueryExecutionContext: &types.QueryExecutionContext{Database: &a.Database},
	})
	if err != nil {
		return fmt.Errorf("start an Athena query: %w", err)
	}
	id := aws.ToString(out.QueryExecutionId)
	if err := a.wait(ctx, id); err != nil {
		a.Poll.OnCancel(ctx, "Athena query "+id, func(ctx context.Context) error {
			_, err := a.Client.StopQueryExecution(ctx, &athena.StopQueryExecutionInput{QueryExecutionId: &id})
			return err
		})
		return err
	}
	return a.visitResult(ctx, id, to)
}

// Query returns the whole result of a query.
func (a Athena) Query(ctx context.Context, query string) (Rows, error) {
	rows := noRows()
	err := a.Run(ctx, query, &rows)
	return rows, err
}

// statement returns the SQL of a named query, or the query itself.
func (a Athena) statement(ctx context.Context, query string) (string, error) {
	id, named := a.NamedQueries[query]
	if !named && !strings.ContainsAny(query, " \t\n") {
		names := slices.Sorted(maps.Keys(a.NamedQueries))
		return "", fmt.Errorf("%q is neither a statement nor a named query of the stack: %s", query, strings.Join(names, ", "))
	}
	if !named {
		return query, nil
	}
	out, err := a.Client.GetNamedQuery(ctx, &athena.GetNamedQueryInput{NamedQueryId: &id})
	if err != nil {
		return "", fmt.Errorf("get the named query %s: %w", query, err)
	}
	return aws.ToString(out.NamedQuery.QueryString), nil
}

func (a Athena) wait(ctx context.Context, id string) error {
	return a.Poll.Until(ctx, func(ctx context.Context) (bool, error) {
		out, err := a.Client.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: &id})
		if err != nil {
			return false, fmt.Errorf("get Athena query %s: %w", id, err)
		}
		switch status := out.QueryExecution.Status; status.State {
		case types.QueryExecutionStateQueued, types.QueryExecutionStateRunning:
			return false, nil
		case types.QueryExecutionStateSucceeded:
			return true, nil
		default:
			return false, &Error{fmt.Sprintf("query %s of Athena ended as %s: %s", id, status.State, aws.ToString(status.StateChangeReason))}
		}
	})
}

// visitResult reads a result in pages of 1000 rows. The first row of a SELECT
// contains the names of the columns.
func (a Athena) visitResult(ctx context.Context, id string, to Visitor) error {
	pages := athena.NewGetQueryResultsPaginator(a.Client, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("read the result of Athena query %s: %w", id, err)
		}
		rows := page.ResultSet.Rows
		if names == nil {
			names = columnNames(page.ResultSet)
			to.SetColumns(names)
			if len(rows) > 0 && isHeader(rows[0], names) {
				rows = rows[1:]
			}
		}
		for _, r := range rows {
			if err := to.Row(athenaCells(r)); err != nil {
				return err
			}
		}
	}
	return nil
}

func columnNames(set *types.ResultSet) []string {
	names := []string{}
	if set.ResultSetMetadata == nil {
		return names
	}
	for _, c := range set.ResultSetMetadata.ColumnInfo {
		names = append(names, aws.ToString(c.Name))
	}
	return names
}

func isHeader(r types.Row, names []string) bool {
	return slices.EqualFunc(r.Data, names, func(d types.Datum, name string) bool { return aws.ToString(d.VarCharValue) == name })
}

func athenaCells(r types.Row) []Cell {
	out := make([]Cell, len(r.Data))
	for i, d := range r.Data {
		out[i] = Cell{Text: aws.ToString(d.VarCharValue), Null: d.VarCharValue == nil}
	}
	return out
}
