package ops

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"store-events/lambda/producerapi"
)

// ProduceRequest describes what to produce. The function's configuration provides
// defaults for zero values.
type ProduceRequest struct {
	Events          int
	Seconds         float64
	Batch           int // Events per object.
	Rate            *int
	IncompleteShare *float64
	Gzip            *bool
	Seed            *uint64
}

// ProduceResult counts what the producer stored.
type ProduceResult struct {
	Messages        int         `json:"messages"`
	Incomplete      int         `json:"incomplete"`
	SaleEvents      int         `json:"sale_events"`
	InventoryEvents int         `json:"inventory_events"`
	TotalSales      json.Number `json:"total_sales"`
	Seconds         float64     `json:"seconds"`
}

// Produce invokes the producer and waits for its response. If the producer could not
// store everything, the error contains the reason.
func (o *Ops) Produce(ctx context.Context, r ProduceRequest) (ProduceResult, error) {
	start := time.Now()
	payload, err := json.Marshal(r.wire())
	if err != nil {
		return ProduceResult{}, fmt.Errorf("encode the request: %w", err)
	}
	o.poll.Progressf("invoking %s", o.stack.Producer)
	out, err := o.lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: aws.String(o.stack.Producer),
		Payload:      payload,
	}, func(opts *lambda.Options) { opts.Retryer = aws.NopRetryer{} }) // A retry would produce again.
	if err != nil {
		return ProduceResult{}, fmt.Errorf("invoke the producer %s: %w", o.stack.Producer, err)
	}
	if out.FunctionError != nil {
		return ProduceResult{}, fmt.Errorf("the producer %s failed: %s", o.stack.Producer, functionError(out.Payload))
	}
	m, err := producerapi.Parse(out.Payload)
	if err != nil {
		return ProduceResult{}, err
	}
	return ProduceResult{
		Messages: m.TotalMessages, Incomplete: m.Incomplete, SaleEvents: m.SaleEvents,
		InventoryEvents: m.InventoryEvents, TotalSales: m.TotalSales, Seconds: seconds(start),
	}, nil
}

func (r ProduceRequest) wire() producerapi.Request {
	return producerapi.Request{
		Events: notZero(r.Events), Seconds: notZero(r.Seconds), Batch: notZero(r.Batch),
		Rate: r.Rate, IncompleteShare: r.IncompleteShare, Gzip: r.Gzip, Seed: r.Seed,
	}
}

func notZero[T comparable](v T) *T {
	if v == *new(T) {
		return nil
	}
	return &v
}

// functionError returns the message of a Lambda function's error.
func functionError(payload []byte) string {
	var e struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(payload, &e) != nil || e.Message == "" {
		return string(payload)
	}
	return e.Message
}
