package main

import (
	"io"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"
)

// pflag uses text in backquotes as the name of the flag's value: a quoted command
// would be printed in place of its type.
func TestNoFlagHasACommandAsItsType(t *testing.T) {
	found := 0
	eachCommand(newRoot(newApp(io.Discard, io.Discard)), func(cmd *cobra.Command) {
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			name, _ := pflag.UnquoteUsage(f)
			require.NotContains(t, name, " ", "%s --%s: use plain quotes", cmd.CommandPath(), f.Name)
			found++
		})
	})
	require.Greater(t, found, 50)
}
