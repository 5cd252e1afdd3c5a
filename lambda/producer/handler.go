package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/google/uuid"

	"store-events/lambda/producer/internal/config"
	"store-events/lambda/producer/internal/run"
	"store-events/lambda/producer/internal/upload"
	"store-events/lambda/producerapi"
)

// handler handles invocations.
type handler struct {
	client upload.Putter
	getenv func(string) string
	now    func() time.Time
	log    *slog.Logger
}

// handle runs the producer once. It fails unless all events are stored, so that the
// alarm on the function's errors reports it.
func (h handler) handle(ctx context.Context, payload json.RawMessage) (producerapi.Response, error) {
	cfg, err := config.Load(h.getenv, payload)
	if err != nil {
		h.log.Error("invalid configuration", "error", err)
		return producerapi.Response{}, fmt.Errorf("invalid configuration: %w", err)
	}
	id, start := uuid.NewString()[:8], time.Now()
	log := h.log.With("run", id)
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		log = log.With("request", lc.AwsRequestID)
	}
	log.Info("run begins", "seed", cfg.Seed, "events", cfg.Events, "seconds", cfg.Duration.Seconds(), "rate", cfg.Rate)
	stored, err := run.Run{Config: cfg, ID: id, Client: h.client, Now: h.now, Log: log}.Do(ctx)
	log.Info("run ends", "stored", stored, "error", err, "seconds", time.Since(start).Seconds())
	if err != nil {
		return producerapi.Response{}, fmt.Errorf("only %d events are stored: %w", stored.Events, err)
	}
	return producerapi.Respond(producerapi.Message{
		Status:          true,
		TotalMessages:   stored.Events,
		Incomplete:      stored.Incomplete,
		SaleEvents:      stored.Sales,
		InventoryEvents: stored.Inventory,
		TotalSales:      producerapi.Cents(stored.SalesCents),
	})
}
