package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/lambda/producer/internal/s3test"
	"store-events/lambda/producerapi"
)

func newHandler(t *testing.T, env map[string]string, log *strings.Builder) (handler, *s3test.Server) {
	server, client := s3test.New(t)
	return handler{
		client: client,
		getenv: func(name string) string { return env[name] },
		now:    time.Now,
		log:    slog.New(slog.NewJSONHandler(log, nil)),
	}, server
}

// stored counts the stored lines, to check the response.
func stored(t *testing.T, lines []string) (m producerapi.Message) {
	cents := int64(0)
	for _, line := range lines {
		var e struct {
			Type       string      `json:"event_type"`
			Sales      json.Number `json:"sales"`
			Store      *string     `json:"store_id"`
			Incomplete bool        `json:"bad_msg"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		require.Equal(t, e.Incomplete, e.Store == nil)
		m.TotalMessages++
		if e.Incomplete {
			m.Incomplete++
		}
		if e.Type != "sale_event" {
			m.InventoryEvents++
			continue
		}
		m.SaleEvents++
		n, err := json.Number(strings.Replace(e.Sales.String(), ".", "", 1)).Int64()
		require.NoError(t, err)
		cents += n
	}
	m.TotalSales = producerapi.Cents(cents)
	return m
}

func TestResponseCountsStoredEvents(t *testing.T) {
	h, server := newHandler(t, map[string]string{"STORE_EVENTS_BUCKET": "events"}, &strings.Builder{})
	r, err := h.handle(t.Context(), []byte(`{"events":1500,"seed":3,"incomplete_share":0.2,"batch":100}`))
	require.NoError(t, err)
	require.Equal(t, 200, r.StatusCode)
	text, err := json.Marshal(r)
	require.NoError(t, err)
	got, err := producerapi.Parse(text)
	require.NoError(t, err)
	want := stored(t, server.Lines())
	want.Status = true
	require.Equal(t, want, got)
	require.Equal(t, 1500, got.TotalMessages)
	require.Positive(t, got.Incomplete)
}

// Lambda's error metric, which the alarm watches, counts failed calls.
func TestUploadErrorFailsTheCall(t *testing.T) {
	for name, refused := range map[string]string{"nothing": "", "a stream": "sale_events/"} {
		var log strings.Builder
		h, server := newHandler(t, map[string]string{"STORE_EVENTS_BUCKET": "events"}, &log)
		server.Fail = func(key string, _ int) int {
			if strings.HasPrefix(key, refused) {
				return http.StatusForbidden
			}
			return http.StatusOK
		}
		r, err := h.handle(t.Context(), []byte(`{"events":40}`))
		require.ErrorContains(t, err, fmt.Sprintf("only %d events are stored", len(server.Lines())), name)
		require.ErrorContains(t, err, refused, name)
		require.Zero(t, r, name)
		for line := range strings.Lines(log.String()) {
			require.True(t, json.Valid([]byte(line)), line)
		}
		require.Contains(t, log.String(), "cannot store an object", name)
	}
}

func TestInvalidConfigurationFailsTheCall(t *testing.T) {
	h, server := newHandler(t, nil, &strings.Builder{})
	_, err := h.handle(t.Context(), []byte(`{"batch":0}`))
	require.ErrorContains(t, err, "STORE_EVENTS_BUCKET: must be set")
	require.ErrorContains(t, err, `payload "batch"`)
	require.Empty(t, server.Objects())
}

func TestMemoryIsLimited(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
	limitMemory("256")
	require.EqualValues(t, 192<<20, debug.SetMemoryLimit(-1), "three quarters of the function's memory")
	for _, given := range []string{"", "0", "-1", "much"} {
		limitMemory(given)
		require.EqualValues(t, 192<<20, debug.SetMemoryLimit(-1), given)
	}
	limitMemory("1")
	require.EqualValues(t, 1<<20*3/4, debug.SetMemoryLimit(-1))
}

// Concurrent runs store different objects.
func TestConcurrentRunsStoreDifferentObjects(t *testing.T) {
	h, server := newHandler(t, map[string]string{"STORE_EVENTS_BUCKET": "events"}, &strings.Builder{})
	at := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	h.now = func() time.Time { return at }
	for range 2 {
		_, err := h.handle(t.Context(), []byte(`{"events":100,"seed":3,"batch":100}`))
		require.NoError(t, err)
	}
	require.Len(t, server.Lines(), 200)
}
