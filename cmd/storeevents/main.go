// Command storeevents operates a store-events stack, on AWS or on this machine.
package main

import (
	"os"

	"store-events/cmd/storeevents/quietterm"
)

func main() {
	quietterm.Restore()
	os.Exit(run())
}

// run returns the exit status: 0 only if the command succeeded.
func run() int {
	ctx, stop := untilInterrupted()
	defer stop()
	a := newApp(os.Stdout, os.Stderr, os.Args[1:]...)
	cmd, err := newRoot(a).ExecuteContextC(ctx)
	a.end(err)
	if err != nil {
		a.command = cmd.CommandPath()
		a.fail(err)
		return 1
	}
	return 0
}
