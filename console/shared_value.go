package console

import (
	"context"
	"sync"
	"time"
)

// Live pages ask again every few seconds, from each open tab.
const (
	// freshFor is the minimum time for which a value is reused.
	freshFor = 2 * time.Second
	// restFactor is how many times as long as reading a value took it is also kept,
	// so that a large stack is not read all the time.
	restFactor = 5
)

// sharedValue reads a value once for all who ask within a short time.
type sharedValue[T any] struct {
	read func(context.Context) (T, error)
	now  func() time.Time

	mu    sync.Mutex
	value T
	at    time.Time // When value was read; zero if there is none.
	took  time.Duration
}

// get returns the value and when it was read.
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
