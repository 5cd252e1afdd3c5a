package ops

import "context"

// Query runs a statement on the store events database: directly where the
// stack is not on AWS, else on the consumer instance, as the database is
// private; there the text NULL cannot be told from a null value.
func (o *Ops) Query(ctx context.Context, sql string) (Rows, error) {
	rows := Rows{Rows: [][]Cell{}}
	err := o.query(ctx, sql, &rows)
	return rows, err
}

func (o *Ops) query(ctx context.Context, sql string, to visitor) error {
	if o.stack.Endpoint != "" {
		return o.queryDirect(ctx, sql, to)
	}
	return o.queryConsumer(ctx, sql, to)
}
