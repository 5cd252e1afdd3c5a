// Package config reads the configuration of a producer run from the function's
// environment variables and the invocation payload, which overrides them.
package config

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"
)

// Config is the configuration of one run of the producer.
type Config struct {
	// Bucket is the events bucket (STORE_EVENTS_BUCKET, required).
	Bucket string
	// Duration of a run, unless Events is set (STORE_EVENTS_SECONDS or "seconds", 2).
	Duration time.Duration
	// Events is the number of events, produced as fast as possible; 0 limits the run
	// by Duration (STORE_EVENTS_COUNT or "events").
	Events int
	// Rate is the number of events per second of a run limited by Duration; 0 is as
	// fast as possible (STORE_EVENTS_RATE or "rate", 1000).
	Rate int
	// IncompleteShare is the share of events without a store
	// (STORE_EVENTS_INCOMPLETE_SHARE or "incomplete_share", 0.1).
	IncompleteShare float64
	// Gzip compresses the objects (STORE_EVENTS_GZIP or "gzip", false).
	Gzip bool
	// Batch is the number of events per object (STORE_EVENTS_BATCH or "batch", 1000).
	Batch int
	// Seed of the generator ("seed", random by default).
	Seed uint64
}

// Limits. An event has about 330 bytes, so MaxBatch limits objects to 20 MB, of which
// several are in memory at once.
const (
	MaxSeconds = 900
	MaxEvents  = 1_000_000_000
	MaxRate    = 10_000_000
	MaxBatch   = 50_000
)

// Load reads the configuration. Its error lists all invalid values. The payload may be
// empty, and unknown keys are ignored, so that events of the Lambda console and of
// schedules are valid payloads.
func Load(getenv func(string) string, payload json.RawMessage) (Config, error) {
	v := newValues(getenv, payload)
	v.renamed("bad_share", "incomplete_share")
	c := Config{
		Bucket:          v.required("STORE_EVENTS_BUCKET"),
		Duration:        v.seconds("STORE_EVENTS_SECONDS", "seconds", 2, 0.1, MaxSeconds),
		Events:          v.integer("STORE_EVENTS_COUNT", "events", 0, 0, MaxEvents),
		Rate:            v.integer("STORE_EVENTS_RATE", "rate", 1000, 0, MaxRate),
		IncompleteShare: v.number("STORE_EVENTS_INCOMPLETE_SHARE", "incomplete_share", 0.1, 0, 1),
		Gzip:            v.boolean("STORE_EVENTS_GZIP", "gzip", false),
		Batch:           v.integer("STORE_EVENTS_BATCH", "batch", 1000, 1, MaxBatch),
		Seed:            v.seed("seed", rand.Uint64()), //nolint:gosec // Sample data, not a secret.
	}
	return c, errors.Join(v.errs...)
}
