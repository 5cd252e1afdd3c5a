package main

import "context"

// answer returns the result of read, or the cause of ctx's end. Reading from a terminal cannot
// be interrupted and continues until the process exits: do not read again after an error.
func answer[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	if ctx.Err() != nil {
		return *new(T), context.Cause(ctx)
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		return *new(T), context.Cause(ctx)
	}
}
