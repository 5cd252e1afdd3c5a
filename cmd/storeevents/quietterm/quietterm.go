// Package quietterm keeps the libraries of the command from asking the terminal
// for its colors before main runs. Bubble Tea, which the Pulumi SDK imports,
// does so when it is initialized, and waits five seconds for a terminal that does
// not answer, such as that of a CI runner or of expect.
// https://github.com/charmbracelet/bubbletea/blob/v1.3.10/tea_init.go
//
// Termenv, which asks, leaves terminals named "screen" alone. So TERM has that
// name until main calls Restore.
//
// Packages are initialized in the order of their import paths, each as soon as
// its imports are (https://go.dev/ref/spec#Program_initialization). This package
// therefore must import nothing but syscall: it is ready before the packages
// strings and unicode, which Bubble Tea needs.
package quietterm

import "syscall"

const variable = "TERM"

var term, given = hide()

func hide() (string, bool) {
	value, ok := syscall.Getenv(variable)
	if ok {
		_ = syscall.Setenv(variable, "screen") // A valid name and value.
	}
	return value, ok
}

// Restore gives TERM its value back. Call it first in main.
func Restore() {
	if given {
		_ = syscall.Setenv(variable, term)
	}
}
