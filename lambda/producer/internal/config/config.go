// Package config reads what one run of the producer is to do: the function's
// environment variables, overridden by the invocation payload.
package config

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"time"
)

// Config is what one run of the producer is to do.
type Config struct {
	// Bucket is the events bucket (STORE_EVENTS_BUCKET, required).
	Bucket string
	// Duration of a run by time (STORE_EVENTS_SECONDS or "seconds", 2).
	Duration time.Duration
	// Events of a run by number; 0 is by time (STORE_EVENTS_COUNT or "events").
	Events int
	// Rate of a run by time, events a second; 0 is as fast as possible
	// (STORE_EVENTS_RATE or "rate", 1000). A run by number is not paced.
	Rate int
	// IncompleteShare of the events lack their store (STORE_EVENTS_INCOMPLETE_SHARE or
	// "incomplete_share", 0.1).
	IncompleteShare float64
	// Gzip compresses the objects (STORE_EVENTS_GZIP or "gzip", false).
	Gzip bool
	// Batch is the number of events in an object (STORE_EVENTS_BATCH or
	// "batch", 1000).
	Batch int
	// Seed of the generator ("seed", random when absent).
	Seed uint64
}

// Largest values accepted. An event is about 330 bytes, so that MaxBatch keeps
// an object under 20 MB: a few of them are in memory at once.
const (
	MaxSeconds = 900
	MaxEvents  = 1_000_000_000
	MaxRate    = 10_000_000
	MaxBatch   = 50_000
)

// Load reads the configuration. Its error names every bad value, not only the
// first. Payload keys that it does not know are ignored, so that a console's
// test event or a schedule's event will do; payload may be empty.
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
