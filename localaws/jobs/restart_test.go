package jobs

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
)

func TestCloseEndsRuns(t *testing.T) {
	w := newWorld(t)
	w.job("slow", sleeper, func(in *glue.CreateJobInput) { in.MaxRetries = 3 })
	id := w.run("slow", nil)
	pids := w.pids(id)
	w.service.Close()
	requireGone(t, pids)

	w.start()
	run := w.get("slow", id)
	require.Equal(t, types.JobRunStateFailed, run.JobRunState)
	require.Contains(t, *run.ErrorMessage, "ended during the run")
	runs, err := w.glue.GetJobRuns(t.Context(), &glue.GetJobRunsInput{JobName: aws.String("slow")})
	require.NoError(t, err)
	require.Len(t, runs.JobRuns, 1)
}

// A killed service leaves its runs unchanged, and their processes running.
func TestRunsOfAKilledServiceEndAtTheNextStart(t *testing.T) {
	w := newWorld(t)
	w.job("orphan", "", nil)
	run := Run{ID: newRunID(), JobName: "orphan", JobRunState: StateRunning, StartedOn: w.service.now(), PredecessorRuns: []string{}}
	require.NoError(t, w.service.saveRun(run))
	process := exec.CommandContext(t.Context(), w.opts.Runtimes["5.1"].Python, "-c", "import time; time.sleep(600)") //nolint:gosec // the Python of the setup
	process.Env = append(os.Environ(), runMark+"="+run.ID)
	require.NoError(t, process.Start())

	w.start()
	got := w.get("orphan", run.ID)
	require.Equal(t, types.JobRunStateFailed, got.JobRunState)
	require.Contains(t, *got.ErrorMessage, "ended during the run")
	require.ErrorContains(t, process.Wait(), "killed")
}

func TestDeletingAJobEndsItsRuns(t *testing.T) {
	w := newWorld(t)
	w.job("slow", sleeper, nil)
	id := w.run("slow", nil)
	pids := w.pids(id)
	_, err := w.glue.DeleteJob(t.Context(), &glue.DeleteJobInput{JobName: aws.String("slow")})
	require.NoError(t, err)
	w.service.Close()
	requireGone(t, pids)
	left, err := w.service.runs("slow")
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestLibrariesAndSpark(t *testing.T) {
	w := newWorld(t)
	library := archive(t, map[string]string{"helper/__init__.py": "def double(n):\n    return 2 * n\n"})
	w.job("spark", `
import sys
from pyspark.sql import SparkSession
from pyspark.sql.functions import udf
from helper import double
spark = SparkSession.builder.getOrCreate()
path = sys.argv[sys.argv.index("--path") + 1]
rows = spark.read.json(path)
print("count", rows.count(), spark.version, spark.conf.get("spark.sql.shuffle.partitions"))
print("doubled", sorted(r[0] for r in rows.select(udf(double, "int")(rows.n.cast("int"))).collect()))
spark.read.json(path + "/none").count()
`, func(in *glue.CreateJobInput) {
		in.DefaultArguments = map[string]string{
			"--extra-py-files": w.put("lib/helper.zip", library),
			"--conf":           "spark.sql.shuffle.partitions=3 --conf spark.ui.enabled=false",
		}
	})
	w.put("in/a.json", "{\"n\":1}\n{\"n\":2}\n")
	w.put("in/b.json", "{\"n\":3}\n")
	id := w.run("spark", map[string]string{"--path": "s3://" + w.bucket + "/in"})
	run := w.end("spark", id)
	lines := strings.Split(strings.TrimSpace(w.output(id)), "\n")
	require.Equal(t, []string{"count 3 3.5.6 3", "doubled [2, 4, 6]", traceback}, lines[:3], w.output(id))
	require.Equal(t, types.JobRunStateFailed, run.JobRunState)
	require.Equal(t, "AnalysisException: [PATH_NOT_FOUND] Path does not exist: s3://"+w.bucket+"/in/none.", *run.ErrorMessage)
	require.Positive(t, run.ExecutionTime)
	spark := strings.Join(w.logEvents("/aws-glue/jobs/error", id+"-driver"), "\n")
	require.Contains(t, spark, " WARN ", "Spark's log, which is not in the output")
}
