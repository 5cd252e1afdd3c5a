package query

import (
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/require"

	"store-events/ops/internal/poll"
)

// The command on the consumer succeeds only with all rows.
func TestCommandFailsIfAnyPartFails(t *testing.T) {
	const sql, store = `cat; echo "row"`, `shift $(($# - 2)); [ "$1 $2" = "- s3://events/command-output/k.gz" ] && cat >"$STORED"`
	for name, tc := range map[string]struct {
		sql, aws string
		fails    bool
	}{
		"good":          {sql, store, false},
		"client killed": {sql + "; exit 137", store, true},
		"not stored":    {sql, "cat >/dev/null; exit 1", true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{"sql": tc.sql, "aws": tc.aws} {
				//nolint:gosec // A command.
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/bash\n"+text+"\n"), 0o700))
			}
			stored := filepath.Join(dir, "stored")
			c := Consumer{S3: s3.New(s3.Options{Region: "eu-west-1"}), Bucket: "events"}
			command := strings.Replace(c.shellCommand("select 'it''s'\n", "command-output/k.gz"), sqlCommand, filepath.Join(dir, "sql"), 1)
			shell := exec.CommandContext(t.Context(), "bash", "-c", command) //nolint:gosec // The command under test.
			shell.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "STORED="+stored)
			printed, err := shell.CombinedOutput()
			require.Equal(t, tc.fails, err != nil, string(printed))
			if tc.fails {
				return
			}
			file, err := os.Open(stored) //nolint:gosec // Written by the command above.
			require.NoError(t, err)
			defer func() { require.NoError(t, file.Close()) }()
			rows, err := gzip.NewReader(file)
			require.NoError(t, err)
			var text strings.Builder
			_, err = io.Copy(&text, rows) //nolint:gosec // A few bytes.
			require.NoError(t, err)
			require.Equal(t, "select 'it''s'\nrow\n", text.String())
		})
	}
}

func TestCommandWithoutAnInvocation(t *testing.T) {
	const soon, past = acceptTimeout - time.Second, acceptTimeout + time.Second
	require.False(t, notAccepted(nil, soon), "no invocation yet")
	require.True(t, notAccepted(nil, past), "no invocation")
	const pending, delayed = types.CommandInvocationStatusPending, types.CommandInvocationStatusDelayed
	for name, tc := range map[string]struct {
		status, details types.CommandInvocationStatus
		late            bool
	}{
		"pending":          {pending, pending, true},
		"in progress":      {types.CommandInvocationStatusInProgress, types.CommandInvocationStatusInProgress, false},
		"delayed":          {delayed, delayed, true},
		"pending, delayed": {pending, delayed, true},
	} {
		out := &ssm.GetCommandInvocationOutput{Status: tc.status, StatusDetails: aws.String(string(tc.details))}
		require.False(t, notAccepted(out, soon), name)
		require.Equal(t, tc.late, notAccepted(out, past), name)
	}
}

// systemsManager serves Systems Manager's operations.
type systemsManager func(operation string) (status int, body string)

func (s systemsManager) Do(r *http.Request) (*http.Response, error) {
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	status, body := s(operation)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body))}, nil
}

// A stopped consumer is an error, and the command that was sent to it does not run when it
// starts again. A failed cancellation is not reported.
func TestStoppedConsumer(t *testing.T) {
	for name, cancelled := range map[string]int{"cancelled": http.StatusOK, "not cancelled": http.StatusBadRequest} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cancels := 0
				c := Consumer{Instance: "i-1", Poll: poll.Poller{First: time.Second, Longest: 5 * time.Second, Log: slog.New(slog.DiscardHandler), Report: func(string) {}}}
				c.SSM = ssm.New(ssm.Options{Region: "us-east-1", HTTPClient: systemsManager(func(operation string) (int, string) {
					switch operation {
					case "SendCommand":
						return http.StatusOK, `{"Command":{"CommandId":"c-1"}}`
					case "CancelCommand":
						cancels++
						return cancelled, `{"__type":"AccessDeniedException"}`
					}
					return http.StatusOK, `{"Status":"Delayed","StatusDetails":"Delayed"}`
				})})
				c.S3 = s3.New(s3.Options{Region: "us-east-1"})
				begun := time.Now()
				err := c.Run(t.Context(), "select 1", nil)
				require.EqualError(t, err, "the consumer i-1 accepts no commands: it is stopped, or its agent is not connected to Systems Manager")
				require.Equal(t, 1, cancels)
				require.InDelta(t, acceptTimeout, time.Since(begun), float64(10*time.Second))
			})
		})
	}
}
