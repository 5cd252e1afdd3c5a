package main

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/cmd/storeevents/page"
)

// `down` without --state would remove the stack of the default folder.
func TestDemoSuggestsCommandsForTheSameStack(t *testing.T) {
	for _, tc := range []struct {
		stack, want string
		flags       []string
	}{
		{"local", "", nil},
		{"dev", " --stack dev", nil},
		{
			"two", ` --stack two --state '/tmp/it'\''s' --port '4577' --config 'jobWorkers=3'`,
			[]string{"--state", "/tmp/it's", "--port", "4577", "-c", "jobWorkers=3"},
		},
	} {
		cmd, _, err := newRoot(newApp(io.Discard, io.Discard)).Find([]string{"demo"})
		require.NoError(t, err)
		require.NoError(t, cmd.ParseFlags(tc.flags))
		options := sameStack(cmd, tc.stack)
		require.Equal(t, tc.want, options)
		var w page.Page
		writeNext(&w, demoResult{Stack: tc.stack, Endpoint: "http://127.0.0.1:4577"}, options)
		require.Contains(t, w.String(), "Remove it: bin/storeevents down"+tc.want+"\n")
		require.Contains(t, w.String(), `eval "$(bin/storeevents local env`+tc.want+`)"`)
	}
}
