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
	"store-events/lambda/producer/internal/event"
	"store-events/lambda/producer/internal/run"
	"store-events/lambda/producer/internal/upload"
	"store-events/lambda/producerapi"
)

// handler answers invocations.
type handler struct {
	client upload.Putter
	getenv func(string) string
	now    func() time.Time
	log    *slog.Logger
}

// handle runs the producer once. A bad configuration is an error of the
// function; a run that could not store everything is an answer with status
// code 500 and the counts of what is stored.
func (h handler) handle(ctx context.Context, payload json.RawMessage) (producerapi.Response, error) {
	cfg, err := config.Load(h.getenv, payload)
	if err != nil {
		h.log.Error("bad configuration", "error", err)
		return producerapi.Response{}, fmt.Errorf("bad configuration: %w", err)
	}
	id, start := uuid.NewString()[:8], time.Now()
	log := h.log.With("run", id)
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		log = log.With("request", lc.AwsRequestID)
	}
	log.Info("run begins", "seed", cfg.Seed, "events", cfg.Events, "seconds", cfg.Duration.Seconds(), "rate", cfg.Rate)
	stored, err := run.Run{Config: cfg, ID: id, Client: h.client, Now: h.now, Log: log}.Do(ctx)
	message := answer(stored, err)
	log.Info("run ends", "message", message, "seconds", time.Since(start).Seconds())
	return producerapi.Respond(message)
}

func answer(stored event.Tally, err error) producerapi.Message {
	m := producerapi.Message{
		Status:          err == nil,
		TotalMessages:   stored.Events,
		Incomplete:      stored.Incomplete,
		SaleEvents:      stored.Sales,
		InventoryEvents: stored.Inventory,
		TotalSales:      producerapi.Cents(stored.SalesCents),
	}
	if err != nil {
		m.Error = err.Error()
	}
	return m
}
