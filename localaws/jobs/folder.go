package jobs

import (
	"fmt"
	"os"
	"path/filepath"
)

// folder is the folder of an attempt. Everything except output.log and error.log is removed when the attempt ends.
type folder string

func (f folder) script() string { return filepath.Join(string(f), "script") }
func (f folder) lib() string    { return filepath.Join(string(f), "lib") }
func (f folder) conf() string   { return filepath.Join(string(f), "conf") }
func (f folder) work() string   { return filepath.Join(string(f), "work") }
func (f folder) tmp() string    { return filepath.Join(string(f), "tmp") }

// spark is SPARK_HOME. The working folders of executors are in spark/work.
func (f folder) spark() string { return filepath.Join(string(f), "spark") }

// packages contains awsglue, and modules the modules of --additional-python-modules. Driver and executors import from
// both.
func (f folder) packages() string { return filepath.Join(string(f), "packages") }
func (f folder) modules() string  { return filepath.Join(string(f), "modules") }

// output is the log with the script's standard output and standard error, and errors is Spark's log, as on Glue:
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
func (f folder) output() string { return filepath.Join(string(f), "output.log") }
func (f folder) errors() string { return filepath.Join(string(f), "error.log") }

// loggingFile is Spark's file name for its log settings.
const loggingFile = "log4j2.properties"

func (f folder) parts() []string {
	return []string{f.script(), f.lib(), f.conf(), f.work(), f.tmp(), f.spark(), f.packages(), f.modules()}
}

func (f folder) create() error {
	for _, dir := range f.parts() {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("folder of a job run: %w", err)
		}
	}
	return nil
}

func (f folder) clean() {
	for _, dir := range f.parts() {
		_ = os.RemoveAll(dir) // A leftover folder does no harm.
	}
}

func (s *Service) folder(runID string) folder {
	return folder(filepath.Join(s.opts.StateDir, runID))
}
