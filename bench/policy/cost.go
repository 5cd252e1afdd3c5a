package main

import (
	"context"
	"syscall"
	"time"

	"store-events/deploy"
)

// cost is what one preview took.
type cost struct {
	// Seconds by the clock, and of processor time of all processes together.
	Seconds   float64 `json:"seconds"`
	Processor float64 `json:"processor"`
}

func preview(ctx context.Context, d *deploy.Deployment) (cost, deploy.Result, error) {
	before, err := processor()
	if err != nil {
		return cost{}, deploy.Result{}, err
	}
	r, err := d.Preview(ctx)
	if err != nil {
		return cost{}, r, err
	}
	after, err := processor()
	return cost{Seconds: r.Seconds, Processor: (after - before).Seconds()}, r, err
}

// processor is the processor time of this process and of those that it waited for.
func processor() (time.Duration, error) {
	var total time.Duration
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var u syscall.Rusage
		if err := syscall.Getrusage(who, &u); err != nil {
			return 0, err
		}
		total += time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	return total, nil
}
