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

// importing imports the job's modules in the driver, and in a task. The entry script
// of the test is alone in its folder, so that the modules must come from --py-files.
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

// Executors have separate processes and folders, as on Glue: an executor with the
// driver's PYTHONPATH could import a wheel as well.
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
	home, err := exec.CommandContext(t.Context(), python, "-c", "import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)").Output() //nolint:gosec // The Python of the setup.
	require.NoError(t, err)
	spark := strings.TrimSpace(string(home))
	cmd := exec.CommandContext(t.Context(), filepath.Join(spark, "bin", "spark-submit"), //nolint:gosec // The Python of the setup.
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
	// The setup's Python has PyMySQL as well: the path shows which one was imported.
	uploaded := `\S+/pymysql-[0-9.]+-py3-none-any\.zip/pymysql/__init__\.py \S+/store_events\.zip/store_events/__init__\.py$`
	require.Regexp(t, `^executor `+uploaded, lines[1])
	require.Regexp(t, `^driver `+uploaded, lines[0])
}
