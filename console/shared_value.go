package console

import (
	"context"
	"sync"
	"time"
)

// Live pages refresh every few seconds, in each open tab.
const (
	// freshFor is the minimum time for which a value is cached.
	freshFor = 2 * time.Second
	// restFactor is the cache time as a multiple of the time to read the value, so
	// that a large stack is not read all the time.
	restFactor = 5
)

// sharedValue caches a value for a short time.
type sharedValue[T any] struct {
	read func(context.Context) (T, error)
	now  func() time.Time

	mu    sync.Mutex
	value T
	at    time.Time // When value was read; zero if there is none.
	took  time.Duration
}

// get returns the value and the time when it was read.
func (r *sharedValue[T]) get(ctx context.Context) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.at.IsZero() && r.now().Sub(r.at) < max(freshFor, restFactor*r.took) {
		return r.value, nil
	}
	start := r.now()
	value, err := r.read(ctx)
	if err != nil {
		return value, err
	}
	r.value, r.at, r.took = value, r.now(), r.now().Sub(start)
	return value, nil
}
