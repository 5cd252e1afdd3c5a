package artifacts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// importing imports what the job needs in the driver, and in a task. The entry
// script of the test is alone in its folder, so only --py-files can help.
const importing = `
from pyspark.sql import SparkSession

def found(_):
    import pymysql
    import store_events
    return pymysql.__file__, store_events.__file__

spark = SparkSession.builder.getOrCreate()
print("driver", *found(0))
print("executor", *spark.sparkContext.parallelize([0], 1).map(found).collect()[0])
`

// Executors with separate processes and folders, as on Glue: one that shares the
// driver's PYTHONPATH would import a wheel too.
func TestExecutorsImportTheUploadedFiles(t *testing.T) {
	dir := t.TempDir()
	helpers := filepath.Join(dir, "store_events.zip")
	require.NoError(t, packHelpers("../..", helpers))
	wheels, err := packWheels("../..", dir)
	require.NoError(t, err)
	entry := filepath.Join(dir, "entry", "entry.py")
	require.NoError(t, os.Mkdir(filepath.Dir(entry), 0o750))
	require.NoError(t, os.WriteFile(entry, []byte(importing), 0o600))

	python := testtools.Python(t)
	home, err := exec.CommandContext(t.Context(), python, "-c", "import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)").Output() //nolint:gosec // A tool of the project.
	require.NoError(t, err)
	spark := strings.TrimSpace(string(home))
	cmd := exec.CommandContext(t.Context(), filepath.Join(spark, "bin", "spark-submit"), //nolint:gosec // The same.
		"--master", "local-cluster[1,1,1024]", "--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.driver.bindAddress=127.0.0.1",
		"--conf", "spark.ui.enabled=false", "--conf", "spark.executor.memory=512m", "--conf", "spark.driver.memory=512m",
		"--py-files", strings.Join(append(wheels, helpers), ","), entry)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "SPARK_HOME="+spark, "PYSPARK_PYTHON="+python, "PYTHONPATH=", "SPARK_LOCAL_IP=127.0.0.1", "SPARK_LOCAL_DIRS="+dir,
		"SPARK_WORKER_DIR="+filepath.Join(dir, "work"))
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	require.Len(t, lines, 2, string(out))
	// The tools' Python has a PyMySQL too: the path shows which one was imported.
	uploaded := `\S+/pymysql-[0-9.]+-py3-none-any\.zip/pymysql/__init__\.py \S+/store_events\.zip/store_events/__init__\.py$`
	require.Regexp(t, `^executor `+uploaded, lines[1])
	require.Regexp(t, `^driver `+uploaded, lines[0])
}
