package jobs

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
)

func TestRunGetsArgumentsAndEnvironment(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	t.Setenv("AWS_CA_BUNDLE", "/nowhere")
	w := newWorld(t)
	w.job("args", `
import json, os, sys
print(json.dumps(sys.argv[1:]))
print(sorted(k for k in os.environ if "PROXY" in k or k == "AWS_CA_BUNDLE"))
print(os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_REGION"])
print(os.path.exists(os.path.join(os.environ["SPARK_CONF_DIR"], "spark-defaults.conf")))
`, func(in *glue.CreateJobInput) {
		in.DefaultArguments = map[string]string{"--a": "default", "--b": "default", "--c": "default"}
		in.NonOverridableArguments = map[string]string{"--c": "fixed"}
	})
	id := w.run("args", map[string]string{"--b": "given", "--c": "given"})
	run := w.end("args", id)
	require.Equal(t, types.JobRunStateSucceeded, run.JobRunState, "%v", run.ErrorMessage)
	lines := strings.Split(strings.TrimSpace(w.output(id)), "\n")
	require.Equal(t, `["--a", "default", "--b", "given", "--c", "fixed", "--JOB_NAME", "args", "--JOB_RUN_ID", "`+id+`"]`, lines[0])
	require.Equal(t, "[]", lines[1])
	require.Equal(t, w.opts.GatewayURL+" us-east-1", lines[2])
	require.Equal(t, "True", lines[3])

	require.Equal(t, map[string]string{"--b": "given", "--c": "given"}, run.Arguments)
	require.Equal(t, types.WorkerTypeG1x, run.WorkerType)
	require.EqualValues(t, 2, *run.NumberOfWorkers)
	require.EqualValues(t, 5, *run.Timeout)
	require.Equal(t, "5.1", *run.GlueVersion)
	require.Equal(t, "/aws-glue/jobs", *run.LogGroupName)
	require.False(t, run.CompletedOn.Before(*run.StartedOn))
	require.WithinDuration(t, time.Now(), *run.StartedOn, time.Minute)
	require.NoDirExists(t, w.service.folder(id).tmp())
}

func TestFailedRunShowsItsException(t *testing.T) {
	w := newWorld(t)
	for name, c := range map[string]struct{ script, message string }{
		"value":  {"raise ValueError('no such field: sku')", "ValueError: no such field: sku"},
		"bare":   {"raise KeyboardInterrupt", "KeyboardInterrupt"},
		"module": {"import json\njson.loads('x')", "JSONDecodeError: Expecting value: line 1 column 1 (char 0)"},
		"chain":  {"try:\n  1/0\nexcept Exception as e:\n  raise RuntimeError('second') from e", "RuntimeError: second"},
		"exit":   {"import sys\nsys.exit(3)", "Command failed with exit code 3"},
		"killed": {"import os\nos.kill(os.getpid(), 9)", "Command failed with exit code 137"},
		"syntax": {"def", "SyntaxError: invalid syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			w.job(name, c.script, nil)
			run := w.end(name, w.run(name, nil))
			require.Equal(t, types.JobRunStateFailed, run.JobRunState)
			require.Equal(t, c.message, aws.ToString(run.ErrorMessage))
		})
	}
}

func TestMissingScriptFailsTheRun(t *testing.T) {
	w := newWorld(t)
	w.job("gone", "", func(in *glue.CreateJobInput) {
		in.Command.ScriptLocation = aws.String("s3://" + w.bucket + "/scripts/none.py")
	})
	run := w.end("gone", w.run("gone", nil))
	require.Equal(t, types.JobRunStateFailed, run.JobRunState)
	require.Contains(t, *run.ErrorMessage, "LAUNCH ERROR | Error downloading from S3 for bucket: "+w.bucket+", key: scripts/none.py")
}

// sleeper starts a grandchild in another process group, ignores SIGTERM, and prints
// when both are running.
const sleeper = `
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print(os.getpid(), child.pid)
time.sleep(600)
`

func TestTimeoutKillsAllProcesses(t *testing.T) {
	w := newWorld(t)
	w.job("slow", sleeper, func(in *glue.CreateJobInput) { in.Timeout = aws.Int32(1); in.MaxRetries = 2 })
	// On a busy machine the script may not start its processes within a shortened minute:
	// then the test retries with a longer one.
	var pids []string
	for w.opts.Minute = 2 * time.Second; len(pids) == 0; w.opts.Minute *= 3 {
		w.start()
		id := w.run("slow", nil)
		require.Equal(t, types.JobRunStateTimeout, w.end("slow", id).JobRunState)
		runs, err := w.service.Attempts("slow", id)
		require.NoError(t, err)
		require.Len(t, runs, 1, "a timeout is not retried")
		pids = strings.Fields(w.output(id))
	}
	requireGone(t, pids)
}

func TestStop(t *testing.T) {
	w := newWorld(t)
	w.job("slow", sleeper, func(in *glue.CreateJobInput) { in.MaxRetries = 2 })
	id := w.run("slow", nil)
	w.wait("slow", id, types.JobRunStateRunning)
	pids := w.pids(id)
	stop := &glue.BatchStopJobRunInput{JobName: aws.String("slow"), JobRunIds: []string{id, "jr_none"}}
	out, err := w.glue.BatchStopJobRun(t.Context(), stop)
	require.NoError(t, err)
	require.Len(t, out.SuccessfulSubmissions, 1)
	require.Equal(t, id, *out.SuccessfulSubmissions[0].JobRunId)
	require.Equal(t, "EntityNotFoundException", *out.Errors[0].ErrorDetail.ErrorCode)
	require.Equal(t, types.JobRunStateStopping, w.get("slow", id).JobRunState)
	run := w.end("slow", id)
	require.Equal(t, types.JobRunStateStopped, run.JobRunState)
	requireGone(t, pids)

	out, err = w.glue.BatchStopJobRun(t.Context(), stop)
	require.NoError(t, err)
	require.Empty(t, out.SuccessfulSubmissions)
	require.Len(t, out.Errors, 2)
}

func TestRetriesCountAsAttempts(t *testing.T) {
	w := newWorld(t)
	counter := filepath.Join(t.TempDir(), "counter")
	w.job("flaky", `
import os, sys
file = sys.argv[sys.argv.index("--counter") + 1]
n = os.path.getsize(file) if os.path.exists(file) else 0
open(file, "a").write("x")
if n < 2:
    raise ValueError(f"attempt {n}")
`, func(in *glue.CreateJobInput) { in.MaxRetries = 3 })
	type end struct{ name, id, state string }
	ends := make(chan end, 10)
	w.service.OnDone(func(name, id, state string) { ends <- end{name, id, state} })

	id := w.run("flaky", map[string]string{"--counter": counter})
	require.Equal(t, end{"flaky", id + "_attempt_2", StateSucceeded}, <-ends)
	require.Empty(t, ends)
	out, err := w.glue.GetJobRuns(t.Context(), &glue.GetJobRunsInput{JobName: aws.String("flaky")})
	require.NoError(t, err)
	require.Len(t, out.JobRuns, 3)
	for i, run := range out.JobRuns { // newest first
		require.EqualValues(t, 2-i, run.Attempt)
	}
	require.Equal(t, id+"_attempt_1", *out.JobRuns[0].PreviousRunId)
	require.Equal(t, types.JobRunStateFailed, out.JobRuns[1].JobRunState)
	require.Equal(t, "ValueError: attempt 1", *out.JobRuns[1].ErrorMessage)
	require.Equal(t, id, *out.JobRuns[1].PreviousRunId)
	require.Nil(t, out.JobRuns[2].PreviousRunId)
	require.Equal(t, id, *out.JobRuns[2].Id)

	again, err := w.glue.StartJobRun(t.Context(), &glue.StartJobRunInput{
		JobName: aws.String("flaky"), JobRunId: &id, Arguments: map[string]string{"--counter": counter},
	})
	require.NoError(t, err)
	require.Equal(t, id+"_attempt_3", *again.JobRunId)
	require.Equal(t, types.JobRunStateSucceeded, w.end("flaky", *again.JobRunId).JobRunState)
}

func TestConcurrentRunsAreLimited(t *testing.T) {
	w := newWorld(t)
	w.job("two", "import time\ntime.sleep(600)", func(in *glue.CreateJobInput) {
		in.ExecutionProperty = &types.ExecutionProperty{MaxConcurrentRuns: 2}
	})
	first, second := w.run("two", nil), w.run("two", nil)
	_, err := w.glue.StartJobRun(t.Context(), &glue.StartJobRunInput{JobName: aws.String("two")})
	var exceeded *types.ConcurrentRunsExceededException
	require.ErrorAs(t, err, &exceeded)
	require.NoError(t, w.service.Stop("two", first))
	w.end("two", first)
	third := w.run("two", nil)
	for _, id := range []string{second, third} {
		require.NoError(t, w.service.Stop("two", id))
		require.Equal(t, types.JobRunStateStopped, w.end("two", id).JobRunState)
	}
}

func TestOutputIsInTheLogGroups(t *testing.T) {
	w := newWorld(t)
	w.job("talker", `
import sys
for i in range(12000):
    print("line", i)
print("warned", file=sys.stderr)
sys.stdout.write("no end of line")
`, nil)
	id := w.run("talker", nil)
	require.Equal(t, types.JobRunStateSucceeded, w.end("talker", id).JobRunState)
	out := w.logEvents("/aws-glue/jobs/output", id+"-driver")
	require.Len(t, out, 12002)
	require.Equal(t, "line 0", out[0])
	require.Contains(t, out, "warned")
	require.Equal(t, "no end of line", out[12001])
}

func TestLogGroupsAreNamedAsGlueDoes(t *testing.T) {
	job := Job{Name: "j", Definition: Definition{Role: "arn:aws:iam::000000000000:role/path/job-role"}}
	for name, tc := range map[string]struct {
		args          map[string]string
		configuration string
		want          runLogs
	}{
		"default":                {nil, "", runLogs{"/aws-glue/jobs/error", "/aws-glue/jobs/output", "jr_1-driver"}},
		"prefix":                 {map[string]string{"--custom-logGroup-prefix": "/mine"}, "", runLogs{"/mine/error", "/mine/output", "jr_1-driver"}},
		"security configuration": {nil, "sc", runLogs{"/aws-glue/jobs/sc-role/job-role/error", "/aws-glue/jobs/sc-role/job-role/output", "jr_1-driver"}},
		"both": {map[string]string{"--custom-logGroup-prefix": "/mine/", "--custom-logStream-prefix": "s"}, "sc",
			runLogs{"/mine/sc-role/job-role/error", "/mine/sc-role/job-role/output", "s-driver"}},
		"continuous-log-logGroup is for Glue 4": {map[string]string{"--continuous-log-logGroup": "/old"}, "", runLogs{"/aws-glue/jobs/error", "/aws-glue/jobs/output", "jr_1-driver"}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, tc.want, logGroups(tc.args, job, Run{ID: "jr_1", SecurityConfiguration: tc.configuration}))
		})
	}
}

func (w *world) logEvents(group, stream string) []string {
	w.t.Helper()
	client := cloudwatchlogs.NewFromConfig(w.opts.Config)
	var out []string
	in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream, StartFromHead: aws.Bool(true)}
	for {
		page, err := client.GetLogEvents(w.t.Context(), in)
		require.NoError(w.t, err)
		for _, event := range page.Events {
			out = append(out, *event.Message)
		}
		if len(page.Events) == 0 || aws.ToString(page.NextForwardToken) == aws.ToString(in.NextToken) {
			return out
		}
		in.NextToken = page.NextForwardToken
	}
}

func requireGone(t *testing.T, pids []string) {
	t.Helper()
	require.Len(t, pids, 2)
	for _, pid := range pids {
		raw, err := os.ReadFile("/proc/" + pid + "/environ") //nolint:gosec // a file of the kernel
		require.True(t, err != nil || len(raw) == 0, "process %s still runs", pid)
	}
}
