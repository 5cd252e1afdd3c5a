package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// console serves the stack's console, follows an event from its row to its object
// and back, and stops it with SIGINT.
func (s *stack) console(t *testing.T, rows int, key string) {
	cmd := s.command(t.Context(), "ui", "--output", "json")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() { _ = cmd.Process.Kill() }()
	var printed struct{ URL string }
	require.NoError(t, json.NewDecoder(stdout).Decode(&printed))
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	client := &http.Client{Jar: jar}
	get := func(address string) string {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		require.NoError(t, err)
		resp, err := client.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode, "%s: %s", address, body)
		return string(body)
	}
	require.Contains(t, get(printed.URL), strconv.Itoa(rows)+" rows")
	at, err := url.Parse(printed.URL)
	require.NoError(t, err)
	base := "http://" + at.Host
	require.Contains(t, get(base+"/runs/2"), "STORE_EVENTS_SUMMARY", "the job's log")
	require.Contains(t, get(base+"/quarantine"), "invalid-on-purpose.json")
	require.Contains(t, get(base+"/catalog"), "txns_sale_events")

	event := get(base + "/lineage?of=" + key)
	_, rest, found := strings.Cut(event, "/lineage?of=")
	require.True(t, found, "the event has an object")
	object, _, _ := strings.Cut(rest, `"`)
	require.Contains(t, get(base+"/lineage?of="+object), ">"+key+"<", "and the object has the event")

	require.NoError(t, cmd.Process.Signal(syscall.SIGINT))
	require.NoError(t, cmd.Wait(), "Ctrl-C ends it cleanly")
}

// report writes reports of the state and of a run to files.
func (s *stack) report(t *testing.T) {
	for _, args := range [][]string{{"report"}, {"report", "--run", "2"}} {
		file := filepath.Join(t.TempDir(), "report.html")
		var r struct{ Runs, Bytes int }
		s.run(t, &r, append(args, "--file", file)...)
		html, err := os.ReadFile(file) //nolint:gosec // The test's own file.
		require.NoError(t, err)
		require.Len(t, html, r.Bytes)
		require.Positive(t, r.Runs)
		require.Contains(t, string(html), "balanced")
	}
}
