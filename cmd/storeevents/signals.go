package main

import (
	"os"
	"os/signal"
	"syscall"
)

// hangUp is the signal that a closed terminal sends, unless it is ignored, as under nohup.
func hangUp() []os.Signal {
	if signal.Ignored(syscall.SIGHUP) {
		return nil
	}
	return []os.Signal{syscall.SIGHUP}
}
