package daemon_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/daemon"
)

// The script starts a process in another process group, as PySpark's daemon does.
const endless = `
import subprocess, time
subprocess.Popen(["sleep", "600"], start_new_session=True)
time.sleep(600)
`

func TestStopEndsARunningJob(t *testing.T) {
	o := options(t)
	require.NoError(t, daemon.Start(t.Context(), o))
	w := world{config: configOf(t, o)}
	bucket, key := aws.String("scripts"), aws.String("endless.py")
	_, err := w.s3().CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	_, err = w.s3().PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: strings.NewReader(endless)})
	require.NoError(t, err)

	w.createRole(t, "job", "glue.amazonaws.com")
	client := glue.NewFromConfig(w.config)
	job := aws.String("endless")
	_, err = client.CreateJob(t.Context(), &glue.CreateJobInput{
		Name: job, Role: aws.String("arn:aws:iam::000000000000:role/job"), GlueVersion: aws.String("5.1"),
		Command: &types.JobCommand{Name: aws.String("glueetl"), ScriptLocation: aws.String("s3://scripts/endless.py")},
	})
	require.NoError(t, err)
	idle := len(processesOf(o.StateDir))
	run, err := client.StartJobRun(t.Context(), &glue.StartJobRunInput{JobName: job})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return len(processesOf(o.StateDir)) >= idle+2 }, 20*time.Second, 50*time.Millisecond)

	began := time.Now()
	require.NoError(t, daemon.Stop(t.Context(), o.StateDir))
	require.Empty(t, processesOf(o.StateDir))
	require.Less(t, time.Since(began), 30*time.Second)

	require.NoError(t, daemon.Start(t.Context(), o))
	got, err := client.GetJobRun(context.Background(), &glue.GetJobRunInput{JobName: job, RunId: run.JobRunId})
	require.NoError(t, err)
	require.NotContains(t, []types.JobRunState{types.JobRunStateRunning, types.JobRunStateStarting, types.JobRunStateSucceeded}, got.JobRun.JobRunState)
}
