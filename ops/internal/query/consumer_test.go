package query

import (
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/stretchr/testify/require"
)

// The command on the consumer succeeds only with all of the rows.
func TestTheCommandFailsIfAnyOfItsPartsDoes(t *testing.T) {
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

func TestACommandThatNobodyTakes(t *testing.T) {
	const soon, late = takeTimeout - time.Second, takeTimeout + time.Second
	require.False(t, notTaken(nil, soon), "no invocation yet")
	require.True(t, notTaken(nil, late), "no invocation")
	delayed := string(types.CommandInvocationStatusDelayed)
	for name, tc := range map[string]struct {
		status     types.CommandInvocationStatus
		details    string
		soon, late bool
	}{
		"pending":          {types.CommandInvocationStatusPending, "Pending", false, true},
		"in progress":      {types.CommandInvocationStatusInProgress, "InProgress", false, false},
		"delayed":          {types.CommandInvocationStatusDelayed, delayed, true, true},
		"pending, delayed": {types.CommandInvocationStatusPending, delayed, true, true},
	} {
		out := &ssm.GetCommandInvocationOutput{Status: tc.status, StatusDetails: &tc.details}
		require.Equal(t, tc.soon, notTaken(out, soon), name)
		require.Equal(t, tc.late, notTaken(out, late), name)
	}
}
