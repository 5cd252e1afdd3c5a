package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// If the batch has no reminder, one is sent before the arrivals are deleted.
func TestArrivalsAreDeletedIfGlueDoesNotRespond(t *testing.T) {
	keys := make([]string, 23)
	for i := range keys {
		keys[i] = fmt.Sprintf("sale_events/%d.json", i)
	}
	a := &account{glueError: errors.New("throttled")}
	_, err := a.handler(11).handle(t.Context(), batch(arrivals(keys...)))
	require.ErrorContains(t, err, "throttled")
	require.Len(t, a.reminded, 1)
	require.Len(t, a.feed, 1)
	require.Len(t, a.deleted, 3)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.deleted...)))), 23)
}

// Messages that SQS does not delete are counted, and the rest of the batch is deleted.
func TestMessagesThatAreNotDeletedAreCounted(t *testing.T) {
	keys := make([]string, 23)
	for i := range keys {
		keys[i] = fmt.Sprintf("sale_events/%d.json", i)
	}
	for name, tc := range map[string]struct {
		account       *account
		deleted, stay int
		reason        string
	}{
		"one of a call":    {&account{kept: "handle of a3"}, 22, 1, "InternalError: try again"},
		"a call":           {&account{failing: 1}, 13, 10, "unavailable"},
		"received twice":   {&account{}, 23, 0, ""},
		"the last of them": {&account{failing: 3}, 20, 3, "unavailable"},
	} {
		t.Run(name, func(t *testing.T) {
			tc.account.glueError = errors.New("throttled")
			h, log := tc.account.handler(11), &bytes.Buffer{}
			h.log = slog.New(slog.NewTextHandler(log, nil))
			messages := arrivals(keys...)
			messages[5].MessageId = messages[4].MessageId // With another handle, like SQS.
			_, err := h.handle(t.Context(), batch(messages))
			require.ErrorContains(t, err, "throttled")
			require.Len(t, slices.Concat(tc.account.deleted...), tc.deleted)
			require.Equal(t, tc.stay > 0, strings.Contains(log.String(), fmt.Sprintf("stay=%d error=", tc.stay)), log)
			require.Contains(t, log.String(), tc.reason)
		})
	}
}

// Waiting for Glue must leave time to delete messages.
func TestArrivalsAreDeletedIfGlueHangs(t *testing.T) {
	a := &account{hangs: true}
	ctx, cancel := context.WithTimeout(t.Context(), removeTime)
	defer cancel()
	_, err := a.handler(11).handle(ctx, batch(arrivals("sale_events/a.json")))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Equal(t, [][]string{{"handle of a0"}}, a.deleted)
	require.Len(t, a.reminded, 1)
}

// The function is killed at its deadline, and could not log the remaining messages.
func TestDeletionEndsBeforeTheDeadline(t *testing.T) {
	a := &account{}
	h, log := a.handler(11), &bytes.Buffer{}
	h.log = slog.New(slog.NewTextHandler(log, nil))
	ctx, cancel := context.WithTimeout(t.Context(), reportTime)
	defer cancel()
	h.remove(ctx, arrivals(make([]string, 23)...))
	require.Zero(t, a.deletes)
	require.Contains(t, log.String(), `stay=23 error="context deadline exceeded"`)
}
