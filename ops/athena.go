package ops

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
)

// Athena runs a query of the stack by its name, or a statement, in the stack's
// workgroup and catalog database. Ending ctx stops the query.
func (o *Ops) Athena(ctx context.Context, query string) (Rows, error) {
	rows := Rows{Rows: [][]Cell{}}
	err := o.queryAthena(ctx, query, &rows)
	return rows, err
}

func (o *Ops) queryAthena(ctx context.Context, query string, to visitor) error {
	statement, err := o.statement(ctx, query)
	if err != nil {
		return err
	}
	out, err := o.athena.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString:           aws.String(statement),
		WorkGroup:             aws.String(o.stack.Workgroup),
		QueryExecutionContext: &types.QueryExecutionContext{Database: aws.String(o.stack.CatalogDatabase)},
	})
	if err != nil {
		return fmt.Errorf("start an Athena query: %w", err)
	}
	id := aws.ToString(out.QueryExecutionId)
	if err := o.athenaEnd(ctx, id); err != nil {
		o.onCancel(ctx, "Athena query "+id, func(ctx context.Context) error {
			_, err := o.athena.StopQueryExecution(ctx, &athena.StopQueryExecutionInput{QueryExecutionId: aws.String(id)})
			return err
		})
		return err
	}
	return o.visitResult(ctx, id, to)
}

// statement is the text of a query that is named, or query itself.
func (o *Ops) statement(ctx context.Context, query string) (string, error) {
	id, ok := o.stack.NamedQueries[query]
	if !ok && !strings.ContainsAny(query, " \t\n") {
		names := slices.Sorted(maps.Keys(o.stack.NamedQueries))
		return "", fmt.Errorf("%q is neither a statement nor a named query of the stack: %s", query, strings.Join(names, ", "))
	}
	if !ok {
		return query, nil
	}
	out, err := o.athena.GetNamedQuery(ctx, &athena.GetNamedQueryInput{NamedQueryId: aws.String(id)})
	if err != nil {
		return "", fmt.Errorf("get the named query %s: %w", query, err)
	}
	return aws.ToString(out.NamedQuery.QueryString), nil
}

// queryError is the error of a query that Athena ended.
type queryError struct{ text string }

func (e *queryError) Error() string { return e.text }

func (o *Ops) athenaEnd(ctx context.Context, id string) error {
	return o.poll(ctx, func(ctx context.Context) (bool, error) {
		out, err := o.athena.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: aws.String(id)})
		if err != nil {
			return false, fmt.Errorf("get Athena query %s: %w", id, err)
		}
		switch status := out.QueryExecution.Status; status.State {
		case types.QueryExecutionStateQueued, types.QueryExecutionStateRunning:
			return false, nil
		case types.QueryExecutionStateSucceeded:
			return true, nil
		default:
			return false, &queryError{fmt.Sprintf("query %s of Athena ended as %s: %s", id, status.State, aws.ToString(status.StateChangeReason))}
		}
	})
}

// visitResult reads a result page by page, 1000 rows each. The first row of a
// SELECT repeats the columns' names.
func (o *Ops) visitResult(ctx context.Context, id string, to visitor) error {
	pages := athena.NewGetQueryResultsPaginator(o.athena, &athena.GetQueryResultsInput{QueryExecutionId: aws.String(id)})
	var names []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("read the result of Athena query %s: %w", id, err)
		}
		rows := page.ResultSet.Rows
		if names == nil {
			names = columnNames(page.ResultSet)
			to.columns(names)
			if len(rows) > 0 && isHeader(rows[0], names) {
				rows = rows[1:]
			}
		}
		for _, r := range rows {
			if err := to.row(cellsOf(r)); err != nil {
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

func cellsOf(r types.Row) []Cell {
	out := make([]Cell, len(r.Data))
	for i, d := range r.Data {
		out[i] = Cell{Text: aws.ToString(d.VarCharValue), Null: d.VarCharValue == nil}
	}
	return out
}
