package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// scriptError is an end of a run that its state FAILED reports with a message.
type scriptError struct{ message string }

func (e *scriptError) Error() string { return e.message }

// folder is where an attempt runs. stdout.log and stderr.log stay, the rest is removed when the attempt ends.
type folder string

func (f folder) script() string { return filepath.Join(string(f), "script") }
func (f folder) lib() string    { return filepath.Join(string(f), "lib") }
func (f folder) conf() string   { return filepath.Join(string(f), "conf") }
func (f folder) work() string   { return filepath.Join(string(f), "work") }
func (f folder) tmp() string    { return filepath.Join(string(f), "tmp") }

// spark is SPARK_HOME; executors work in folders below spark/work.
func (f folder) spark() string { return filepath.Join(string(f), "spark") }

// Driver and executors import from packages and modules: awsglue, and the modules of
// --additional-python-modules.
func (f folder) packages() string { return filepath.Join(string(f), "packages") }
func (f folder) modules() string  { return filepath.Join(string(f), "modules") }

func (f folder) stdout() string { return filepath.Join(string(f), "stdout.log") }
func (f folder) stderr() string { return filepath.Join(string(f), "stderr.log") }

// loggingFile is Spark's own name for the settings of its log.
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
		_ = os.RemoveAll(dir) // What cannot be removed is only clutter.
	}
}

func (s *Service) folder(runID string) folder {
	return folder(filepath.Join(s.opts.StateDir, runID))
}

// perform runs a job's script to its end. It calls started once the process runs.
func (s *Service) perform(ctx context.Context, job Job, run Run, started func()) error {
	dir := s.folder(run.ID)
	if err := dir.create(); err != nil {
		return err
	}
	defer dir.clean()
	if s.opts.Access != nil {
		var err error
		if ctx, err = s.opts.Access(ctx, job); err != nil {
			return &scriptError{err.Error()}
		}
	}
	args := arguments(job, run)
	script, err := s.fetchScript(ctx, job, dir)
	if err != nil {
		return err
	}
	libraries, err := s.fetchFiles(ctx, args["--extra-py-files"], dir.lib())
	if err != nil {
		return err
	}
	if _, err := s.fetchFiles(ctx, args["--extra-files"], dir.work()); err != nil {
		return err
	}
	if err := s.installModules(ctx, args["--additional-python-modules"], dir); err != nil {
		return err
	}
	if err := s.prepareSpark(dir); err != nil {
		return err
	}
	if err := s.writeSparkConf(dir, args["--conf"], libraries); err != nil {
		return err
	}
	session, err := s.session(job, run)
	if err != nil {
		return err
	}
	return s.runProcess(ctx, process{
		dir:     dir,
		runID:   run.ID,
		logs:    logGroups(args, job, run),
		argv:    append([]string{s.opts.Python, script}, commandLine(args, job, run)...),
		env:     append(s.environment(job, run, dir, args, libraries), session...),
		started: started,
	})
}

func (s *Service) fetchScript(ctx context.Context, job Job, dir folder) (string, error) {
	if language := job.DefaultArguments["--job-language"]; language != "" && language != "python" {
		return "", &scriptError{fmt.Sprintf("LAUNCH ERROR | scripts in %s do not run on this machine", language)}
	}
	if job.Command.ScriptLocation == "" {
		return "", &scriptError{"LAUNCH ERROR | the job has no ScriptLocation"}
	}
	files, err := s.fetchFiles(ctx, job.Command.ScriptLocation, dir.script())
	if err != nil {
		return "", err
	}
	return files[0], nil
}

// writeSparkConf renders the template of Spark's settings, and adds the
// settings of the job's argument --conf ("a=b --conf c=d").
func (s *Service) writeSparkConf(dir folder, extra string, libraries []string) error {
	logging, err := os.ReadFile(filepath.Join(s.opts.AwsglueDir, loggingFile))
	if err != nil {
		return fmt.Errorf("settings of Spark's log: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir.conf(), loggingFile), logging, 0o600); err != nil {
		return fmt.Errorf("settings of Spark's log: %w", err)
	}
	var out strings.Builder
	if err := s.renderSparkConf(&out, dir, libraries); err != nil {
		return err
	}
	for _, setting := range strings.Split(extra, " --conf ") {
		if key, value, ok := strings.Cut(strings.TrimSpace(setting), "="); ok {
			fmt.Fprintf(&out, "\n%s %s", key, value)
		}
	}
	out.WriteString("\n")
	return os.WriteFile(filepath.Join(dir.conf(), "spark-defaults.conf"), []byte(out.String()), 0o600)
}
