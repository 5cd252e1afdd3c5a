package run

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"store-events/lambda/producer/internal/config"
	"store-events/lambda/producer/internal/s3test"
)

var quiet = slog.New(slog.DiscardHandler)

// discard is an S3 client that discards objects without delay.
type discard struct{}

func (discard) PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	return &s3.PutObjectOutput{}, nil
}

func TestByTimeIsPaced(t *testing.T) {
	for _, tc := range []struct {
		milliseconds, rate, want, took int
	}{
		{2000, 1000, 2000, 2000}, {1000, 7, 7, 1000}, {3000, 1, 3, 3000}, {3000, 50_000, 150_000, 3000},
		{1005, 1000, 1005, 1010}, // A late last tick does not produce more events.
	} {
		synctest.Test(t, func(t *testing.T) { // Only pauses advance the clock.
			start := time.Now()
			cfg := config.Config{Bucket: "events", Duration: time.Duration(tc.milliseconds) * time.Millisecond, Rate: tc.rate, Batch: 1000}
			got, err := Run{Config: cfg, ID: "r", Client: discard{}, Now: time.Now, Log: quiet}.Do(t.Context())
			require.NoError(t, err)
			require.Equal(t, tc.want, got.Events)
			require.Equal(t, time.Duration(tc.took)*time.Millisecond, time.Since(start))
		})
	}
}

// Due events are generated in chunks; between chunks a run checks whether it must end.
func TestDueIsLimitedToAChunk(t *testing.T) {
	now := time.Now()
	for _, p := range []pace{{}, {limit: chunk + 1}, {start: now.Add(-time.Hour), rate: 1000}} {
		require.Equal(t, chunk, p.due(now, 0), p)
	}
}

func TestEventsInATime(t *testing.T) {
	for _, tc := range []struct {
		d          time.Duration
		rate, want int
	}{
		{1005 * time.Millisecond, 1000, 1005}, {290 * time.Millisecond, 100, 29}, {2 * time.Second, 0, 0}, {time.Nanosecond, 1000, 0},
		{900*time.Second - 1, config.MaxRate, 900*config.MaxRate - 1}, {config.MaxSeconds * time.Second, config.MaxRate, 9_000_000_000},
	} {
		require.Equal(t, tc.want, eventsIn(tc.d, tc.rate), tc)
	}
}

func TestByTimeAsFastAsPossible(t *testing.T) {
	start := time.Now()
	cfg := config.Config{Bucket: "events", Duration: 200 * time.Millisecond, Batch: 1000}
	got, err := Run{Config: cfg, ID: "r", Client: discard{}, Now: time.Now, Log: quiet}.Do(t.Context())
	require.NoError(t, err)
	require.Greater(t, got.Events, chunk)
	require.GreaterOrEqual(t, time.Since(start), cfg.Duration)
}

func TestByNumberIsExactAndUnpaced(t *testing.T) {
	for _, n := range []int{1, 28, 1023, 1024, 1025, 5000} {
		server, client := s3test.New(t)
		cfg := config.Config{Bucket: "events", Events: n, Rate: 1, Duration: time.Hour, Batch: 400, IncompleteShare: 0.1, Seed: 5}
		got, err := Run{Config: cfg, ID: "r", Client: client, Now: time.Now, Log: quiet}.Do(t.Context())
		require.NoError(t, err)
		require.Equal(t, n, got.Events)
		require.Len(t, server.Lines(), n)
	}
}

func TestSameSeedAndClockSameObjects(t *testing.T) {
	clock := func() time.Time { return time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC) }
	cfg := config.Config{Bucket: "events", Events: 3000, Batch: 500, IncompleteShare: 0.1, Gzip: true, Seed: 11}
	var runs []map[string][]byte
	for range 2 {
		server, client := s3test.New(t)
		_, err := Run{Config: cfg, ID: "r", Client: client, Now: clock, Log: quiet}.Do(t.Context())
		require.NoError(t, err)
		runs = append(runs, server.Objects())
	}
	require.Len(t, runs[0], 7, "six full objects, or five and two partial ones")
	require.Equal(t, runs[0], runs[1])
}

func TestEverythingIsStoredBeforeTheDeadline(t *testing.T) {
	for _, tc := range []struct{ limit, want time.Duration }{
		{800 * time.Millisecond, 600 * time.Millisecond}, {60 * time.Second, 50 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), tc.limit)
			defer cancel()
			cfg := config.Config{Bucket: "events", Duration: time.Hour, Rate: 1000, Batch: 50_000}
			start := time.Now()
			got, err := Run{Config: cfg, ID: "r", Client: discard{}, Now: time.Now, Log: quiet}.Do(ctx)
			require.ErrorIs(t, err, ErrCutShort)
			require.Equal(t, tc.want, time.Since(start), "there is time left to store the rest and return")
			require.InDelta(t, tc.want.Seconds()*1000, got.Events, 20)
		})
	}
}

func TestFailedUploadEndsTheRun(t *testing.T) {
	server, client := s3test.New(t)
	requests := 0
	server.Fail = func(string, int) int {
		if requests++; requests > 3 {
			return http.StatusForbidden
		}
		return http.StatusOK
	}
	cfg := config.Config{Bucket: "events", Duration: time.Hour, Rate: 100_000, Batch: 50}
	got, err := Run{Config: cfg, ID: "r", Client: client, Now: time.Now, Log: quiet}.Do(t.Context())
	require.ErrorContains(t, err, "could not be stored")
	require.Equal(t, 150, got.Events, "three full objects")
	require.Len(t, server.Lines(), 150)
}
