package main

import (
	"context"
	"syscall"
	"time"

	"store-events/bench/policy/report"
	"store-events/deploy"
)

func preview(ctx context.Context, d *deploy.Deployment) (report.Cost, deploy.Result, error) {
	before, err := processor()
	if err != nil {
		return report.Cost{}, deploy.Result{}, err
	}
	r, err := d.Preview(ctx)
	if err != nil {
		return report.Cost{}, r, err
	}
	after, err := processor()
	return report.Cost{Seconds: r.Seconds, Processor: (after - before).Seconds()}, r, err
}

// processor returns the processor time of this process and its finished children.
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
