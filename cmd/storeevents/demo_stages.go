package main

import (
	"context"
	"fmt"

	"store-events/internal/plural"
	"store-events/ops"
)

func (d *demo) deploy(ctx context.Context) (string, error) {
	r, err := d.app.up(ctx, upOptions{})
	if err != nil {
		return "", err
	}
	endpoint, err := d.app.endpoint()
	if err != nil {
		return "", err
	}
	d.result.Endpoint = endpoint
	d.ops, err = d.app.operateOn(ctx, r.Outputs, endpoint)
	changed := 0
	for op, n := range r.Changes {
		if op != opSame {
			changed += n
		}
	}
	return fmt.Sprintf("%s, %d changed", plural.Count(len(r.Steps), "resource"), changed), err
}

func (d *demo) produce(ctx context.Context) (string, error) {
	r, err := d.ops.Produce(ctx, ops.ProduceRequest{Events: d.events})
	d.result.Arrived.EventsProduced += r.Messages
	return fmt.Sprintf("%s, %d of them incomplete (bad_msg)", plural.Count(r.Messages, "event"), r.Incomplete), err
}

func (d *demo) storeInvalidLine(ctx context.Context) (string, error) {
	key, err := d.ops.StoreInvalidLine(ctx)
	d.result.Invalid = key
	return key, err
}

func (d *demo) crawl(ctx context.Context) (string, error) {
	r, err := d.ops.Crawl(ctx)
	d.result.Arrived.CatalogTables = len(r.Tables)
	return plural.Count(len(r.Tables), "table"), err
}

func (d *demo) ingest(ctx context.Context) (string, error) {
	r, err := d.ops.Ingest(ctx, ops.IngestRequest{})
	d.result.Arrived.RowsNew += r.RowsNew
	d.result.Arrived.QuarantinedNew += r.RowsQuarantined
	return fmt.Sprintf("%s new, %d already there, %d quarantined", plural.Count(r.RowsNew, "row"), r.RowsDuplicate, r.RowsQuarantined), err
}

func (d *demo) query(ctx context.Context) (string, error) {
	n, err := d.ops.CountRows(ctx)
	if err != nil {
		return "", err
	}
	d.result.Database, err = d.ops.DatabaseServer(ctx)
	return fmt.Sprintf("%s in %s", plural.Count(n, "row"), d.result.Database), err
}

func (d *demo) athena(ctx context.Context) (string, error) {
	n, err := d.ops.CountParquet(ctx)
	return plural.Count(n, "row"), err
}

func (d *demo) verify(ctx context.Context) (string, error) {
	v, err := d.ops.Verify(ctx)
	if err != nil {
		return "", err
	}
	d.result.Verify = v
	d.result.Arrived.Objects, d.result.Arrived.Rows = v.Objects, v.Rows
	d.result.Arrived.ParquetRows, d.result.Arrived.Quarantined = v.ParquetRows, v.Quarantined
	return "every event exactly once", v.Err()
}
