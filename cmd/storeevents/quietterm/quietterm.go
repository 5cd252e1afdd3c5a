// Package quietterm prevents the command's libraries from querying the terminal's
// colors before main runs. Bubble Tea, which the Pulumi SDK imports, does so when
// it is initialized, and waits five seconds for a terminal that does not respond,
// such as the terminal of a CI runner or of expect.
// https://github.com/charmbracelet/bubbletea/blob/v1.3.10/tea_init.go
//
// Termenv, which sends the query, ignores terminals named "screen". So TERM has
// that value until main calls Restore.
//
// Packages are initialized in the order of their import paths, each after its
// imports (https://go.dev/ref/spec#Program_initialization). This package must
// therefore import only syscall, to be initialized before the packages strings and
// unicode, which Bubble Tea needs.
package quietterm

import "syscall"

const variable = "TERM"

var term, given = hide()

func hide() (string, bool) {
	value, ok := syscall.Getenv(variable)
	if ok {
		_ = syscall.Setenv(variable, "screen") // Fails only for invalid names and values.
	}
	return value, ok
}

// Restore restores TERM. Call it first in main.
func Restore() {
	if given {
		_ = syscall.Setenv(variable, term)
	}
}
