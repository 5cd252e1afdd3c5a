// Command storeevents operates a store-events stack, on AWS or on this machine.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"store-events/cmd/storeevents/quietterm"
)

func main() {
	quietterm.Restore()
	os.Exit(run())
}

// run returns the exit status: 0 only if the command succeeded.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	a := newApp(os.Stdout, os.Stderr)
	root := newRoot(a)
	if err := root.ExecuteContext(ctx); err != nil {
		a.fail(err)
		return 1
	}
	return 0
}
