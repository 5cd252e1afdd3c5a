package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/ops"
)

func TestDifferencesDuringARun(t *testing.T) {
	differences := errors.New("2 events without a row")
	for state, want := range map[string]string{
		"RUNNING":   "events, rows and Parquet differ while this is running: job run jr_1. Verify again when it has ended:\n2 events without a row",
		"SUCCEEDED": "events, rows and Parquet differ:\n2 events without a row",
	} {
		cfg := alwaysAnswering(t, http.StatusOK, fmt.Sprintf(`{"Workflow":{},"JobRuns":[{"Id":"jr_1","JobRunState":%q}]}`, state))
		o := ops.New(ops.Stack{Region: "us-east-1", Workflow: "flow", Job: "job"}, ops.Options{AWS: cfg})
		require.EqualError(t, differ(t.Context(), o, differences), want)
		require.NoError(t, differ(t.Context(), o, nil))
	}
	cfg := alwaysAnswering(t, http.StatusForbidden, `{"__type":"AccessDeniedException"}`)
	o := ops.New(ops.Stack{Region: "us-east-1"}, ops.Options{AWS: cfg})
	require.EqualError(t, differ(t.Context(), o, differences), "events, rows and Parquet differ:\n2 events without a row", "the caller may lack the permission")

	a := newApp(io.Discard, io.Discard)
	require.Contains(t, a.nextStep(errors.New("events, rows and Parquet differ while this is running: job run jr_1")), "storeevents status")
	require.Contains(t, a.nextStep(errors.New("workflow run ended as ERROR: ConcurrentRunsExceededException: Concurrent runs exceeded for job")), "storeevents status")
}
