package jobs

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"

	"localaws/testtools"
)

// archive returns a zip file with a file for each name.
func archive(t *testing.T, files map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for name, text := range files {
		f, err := z.Create(name)
		require.NoError(t, err)
		_, err = f.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	return out.String()
}

// imports prints the paths and contents of modules on driver and executor.
const imports = `
import importlib, json, os, sys
from awsglue.utils import getResolvedOptions
from pyspark.context import SparkContext

names = getResolvedOptions(sys.argv, ["names"])["names"].split(",")

def look(_):
    found = {}
    for name in names:
        try:
            module = importlib.import_module(name)
            found[name] = getattr(module, "__version__", "found")
        except ImportError as error:
            found[name] = type(error).__name__
    return {"pid": os.getpid(), "parent": os.getppid(), "folder": os.getcwd(), "found": found}

executor = SparkContext().parallelize([0], 1).map(look).collect()[0]
print(json.dumps([look(0), executor]))
`

type place struct {
	PID, Parent int
	Folder      string
	Found       map[string]string
}

func (w *world) importsOf(name string, arguments map[string]string) (driver, executor place) {
	w.t.Helper()
	w.job(name, imports, func(in *glue.CreateJobInput) { in.DefaultArguments, in.GlueVersion = arguments, glueVersion })
	id := w.run(name, nil)
	run := w.end(name, id)
	require.Equal(w.t, types.JobRunStateSucceeded, run.JobRunState, "%s\n%s", aws.ToString(run.ErrorMessage), tail(w.service.folder(id).output()))
	var places []place
	require.NoError(w.t, json.Unmarshal([]byte(w.output(id)), &places))
	require.Len(w.t, places, 2)
	return places[0], places[1]
}

// glueVersion may be another one whose Spark is installed.
var glueVersion = flag.String("glue-version", defaultGlueVersion, "Glue version of the job whose packages are tested")

func (w *world) withGlue6() {
	paths := testtools.Paths(w.t)
	w.service.opts.Runtimes["6.0"] = Runtime{Python: paths.Glue6Python, JarsDir: paths.Glue6JarsDir}
}

// packages are the packages of a Glue version's jobs.
var packages = map[string]map[string]string{
	"5.1": {"boto3": "1.40.61", "botocore": "1.40.61", "numpy": "2.3.4", "pyarrow": "22.0.0", "pandas": "2.3.3", "pyspark": "3.5.6"},
	"6.0": {"boto3": "1.42.84", "botocore": "1.42.84", "numpy": "2.4.4", "pyarrow": "23.0.1", "pandas": "2.3.3", "pyspark": "4.1.1"},
}

// https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-python-libraries.html
func TestImportsOfDriverAndExecutor(t *testing.T) {
	w := newWorld(t)
	w.withGlue6()
	wheel := archive(t, map[string]string{"in_wheel/__init__.py": "", "in_wheel-1.0.dist-info/METADATA": ""})
	files := []string{
		w.put("lib/a_file.py", "VALUE = 1"),
		w.put("lib/a.zip", archive(t, map[string]string{"in_zip/__init__.py": ""})),
		w.put("lib/an.egg", archive(t, map[string]string{"in_egg/__init__.py": ""})),
		w.put("lib/in_wheel-1.0-py3-none-any.whl", wheel),
	}
	module := w.put("lib/module-1.0-py3-none-any.whl", archive(t, map[string]string{"in_module/__init__.py": "", "in_module/data.txt": "x"}))
	driver, executor := w.importsOf("imports", map[string]string{
		"--extra-py-files":            strings.Join(files, ","),
		"--additional-python-modules": module,
		"--names":                     "a_file,in_zip,in_egg,in_wheel,in_module,pymysql,ministack,pytest,tests,boto3,botocore,numpy,pyarrow,pandas,pyspark",
		"--an-argument-of-nobody":     "is ignored",
	})
	require.NotEqual(t, driver.Folder, executor.Folder)
	require.NotEqual(t, driver.PID, executor.PID)
	require.Contains(t, executor.Folder, w.opts.StateDir, "the folder of PySpark is unchanged")

	want := map[string]string{
		"a_file": "found", "in_zip": "found", "in_egg": "found", "in_module": "found",
		"in_wheel": "ModuleNotFoundError", "pymysql": "ModuleNotFoundError", "ministack": "ModuleNotFoundError", "pytest": "ModuleNotFoundError",
		"tests": "ModuleNotFoundError",
	}
	maps.Copy(want, packages[*glueVersion])
	require.Equal(t, want, executor.Found)
	want["in_wheel"] = "found" // on the driver Spark adds any file to the path
	require.Equal(t, want, driver.Found)
}

func TestDownloadedModulesFailTheRun(t *testing.T) {
	w := newWorld(t)
	w.job("pip", "", func(in *glue.CreateJobInput) {
		in.DefaultArguments = map[string]string{"--additional-python-modules": "scikit-learn==1.5.0"}
	})
	run := w.end("pip", w.run("pip", nil))
	require.Equal(t, types.JobRunStateFailed, run.JobRunState)
	require.Contains(t, *run.ErrorMessage, `LAUNCH ERROR | --additional-python-modules: "scikit-learn==1.5.0" is not a wheel in S3`)
}

// With another Spark version a job may behave differently than on AWS.
func TestJobsOfAMissingVersionFail(t *testing.T) {
	w := newWorld(t)
	w.service.opts.Runtimes["6.0"] = Runtime{Python: filepath.Join(t.TempDir(), "python"), JarsDir: t.TempDir()}
	w.service.opts.InstallAdvice = "install it there"
	for version, message := range map[string]string{
		"5.0": "LAUNCH ERROR | Glue 5.0 is not supported on this machine, only 5.1 and 6.0",
		"6.0": "LAUNCH ERROR | the Spark of Glue 6.0 is not installed: install it there",
	} {
		name := "version-" + version
		w.job(name, "", func(in *glue.CreateJobInput) { in.GlueVersion = &version })
		run := w.end(name, w.run(name, nil))
		require.Equal(t, types.JobRunStateFailed, run.JobRunState)
		require.Equal(t, message, *run.ErrorMessage)
	}
	w.job("shell", "print(1)", func(in *glue.CreateJobInput) {
		in.GlueVersion, in.Command.Name, in.WorkerType, in.NumberOfWorkers = aws.String("3.0"), aws.String("pythonshell"), "", nil
	})
	run := w.end("shell", w.run("shell", nil))
	require.Equal(t, types.JobRunStateSucceeded, run.JobRunState, aws.ToString(run.ErrorMessage))
}

func TestClassArchiveIsUsedIfItExists(t *testing.T) {
	rt := Runtime{JarsDir: t.TempDir()}
	require.Empty(t, rt.classes())
	archive := filepath.Join(rt.JarsDir, "classes.jsa")
	require.NoError(t, os.WriteFile(archive, nil, 0o600))
	require.Equal(t, "-XX:SharedArchiveFile="+archive+" -Xlog:cds=off", rt.classes())
}
