package jobs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// scriptError is an error that ends a run in state FAILED with the message.
type scriptError struct{ message string }

func (e *scriptError) Error() string { return e.message }

// prepareAndRun downloads the files of an attempt and runs the job's script to its end. It calls started as soon as
// the script's process runs.
func (s *Service) prepareAndRun(ctx context.Context, job Job, run Run, started func()) error {
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
	rt, err := s.runtimeOf(job)
	if err != nil {
		return err
	}
	args := arguments(job, run)
	scriptFile, err := s.fetchScript(ctx, job, dir)
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
	if err := s.prepareSpark(rt, dir); err != nil {
		return err
	}
	if err := s.writeSparkConf(rt, dir, args["--conf"], libraries); err != nil {
		return err
	}
	spark, err := rt.environment()
	if err != nil {
		return err
	}
	session, err := s.session(job, run)
	if err != nil {
		return err
	}
	return s.runScript(ctx, script{
		dir:     dir,
		runID:   run.ID,
		logs:    logGroups(args, job, run),
		argv:    append([]string{rt.Python, scriptFile}, commandLine(args, job, run)...),
		env:     slices.Concat(s.environment(job, run, dir, args, libraries), spark, session),
		started: started,
	})
}

func (s *Service) fetchScript(ctx context.Context, job Job, dir folder) (string, error) {
	if language := job.DefaultArguments["--job-language"]; language != "" && language != "python" {
		return "", &scriptError{fmt.Sprintf("LAUNCH ERROR | scripts in %s are not supported on this machine", language)}
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

// writeSparkConf renders the templates of Spark's settings, and appends the settings in the job's argument --conf
// ("a=b --conf c=d").
func (s *Service) writeSparkConf(rt Runtime, dir folder, extra string, libraries []string) error {
	logging, err := os.ReadFile(filepath.Join(s.opts.AwsglueDir, loggingFile))
	if err != nil {
		return fmt.Errorf("read the settings of Spark's log: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir.conf(), loggingFile), logging, 0o600); err != nil {
		return fmt.Errorf("write the settings of Spark's log: %w", err)
	}
	var out strings.Builder
	if err := s.renderSparkConf(&out, rt, dir, libraries); err != nil {
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
