package jobs

import (
	"crypto/rand"
	"fmt"
	"io"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"text/template"
	"time"

	"localaws/credentials"
	"localaws/process"
)

// runMark is the environment variable that identifies all processes of a run, even outside its process group.
const runMark = "LOCALAWS_JOB_RUN_ID"

// sessionName is Glue's name for the session of a job's role.
const sessionName = "GlueJobRunnerSession"

// arguments merges the job's default arguments, the run's, and the job's non-overridable ones. Later ones take
// precedence.
func arguments(job Job, run Run) map[string]string {
	args := map[string]string{}
	maps.Copy(args, job.DefaultArguments)
	maps.Copy(args, run.Arguments)
	maps.Copy(args, job.NonOverridableArguments)
	return args
}

// commandLine returns the arguments that Glue passes to a script: each argument with its value, the job's name and the
// run's ID.
func commandLine(args map[string]string, job Job, run Run) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(args)) {
		out = append(out, name, args[name])
	}
	return append(out, "--JOB_NAME", job.Name, "--JOB_RUN_ID", run.ID)
}

// session returns environment variables with the credentials of one attempt: a session of the job's role that outlives
// the attempt's timeout. Only the owner of a process can read its environment.
func (s *Service) session(job Job, run Run) ([]string, error) {
	role := job.Role
	if !strings.HasPrefix(role, "arn:") { // Glue also accepts a role's name.
		role = "arn:aws:iam::" + s.opts.AccountID + ":role/" + role
	}
	c, err := s.opts.Sessions.Issue(credentials.Principal{
		RoleARN: role, SessionName: sessionName, Workload: credentials.Workload{Job: job.Name, Run: run.ID},
	}, s.timeLimit(run)+time.Hour)
	if err != nil {
		return nil, fmt.Errorf("credentials of the job: %w", err)
	}
	return []string{
		"AWS_ACCESS_KEY_ID=" + c.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY=" + c.SecretAccessKey,
		"AWS_SESSION_TOKEN=" + c.SessionToken,
	}, nil
}

func (s *Service) environment(job Job, run Run, dir folder, args map[string]string, libraries []string) []string {
	// Equivalent to Spark's --py-files for the driver. Spark sends the files to executors. https://spark.apache.org/docs/3.5.6/submitting-applications.html
	path := slices.Concat(libraries, []string{dir.lib()}, importPaths(dir))
	env := process.Env(append(slices.Clone(s.opts.Env),
		runMark+"="+run.ID,
		"TZ=UTC",
		"TMPDIR="+dir.tmp(),
		"PYTHONUNBUFFERED=1",
		"PYTHONPATH="+joinPaths(path),
		"SPARK_HOME="+dir.spark(),
		"SPARK_CONF_DIR="+dir.conf(),
		"SPARK_LOG_FILE="+dir.errors(), // For log4j2.properties.
		"SPARK_LOCAL_DIRS="+dir.tmp(),
		"SPARK_LOCAL_IP=127.0.0.1",
		"AWS_ENDPOINT_URL="+s.opts.GatewayURL,
		"AWS_REGION="+s.opts.Region,
		"AWS_DEFAULT_REGION="+s.opts.Region,
		"AWS_EC2_METADATA_DISABLED=true",
	)...)
	// With job-bookmark-pause, awsglue reads the bookmark without saving it.
	if option := args["--job-bookmark-option"]; option == "job-bookmark-enable" || option == "job-bookmark-pause" {
		env = append(env, "LOCALAWS_BOOKMARK_URL="+s.bookmarkURL(job.Name, run.ID))
	}
	return env
}

// importPaths returns the folders from which driver and executors import.
func importPaths(dir folder) []string { return []string{dir.packages(), dir.modules()} }

func joinPaths(paths []string) string { return strings.Join(paths, string(filepath.ListSeparator)) }

func (s *Service) bookmarkURL(job, runID string) string {
	return fmt.Sprintf("%s/_localaws/bookmarks/%s?run=%s",
		strings.TrimRight(s.opts.GatewayURL, "/"), url.PathEscape(job), url.QueryEscape(runID))
}

func (s *Service) renderSparkConf(out io.Writer, rt Runtime, dir folder, libraries []string) error {
	pyspark, err := rt.pyspark()
	if err != nil {
		return err
	}
	filter, err := rt.proxyFilter()
	if err != nil {
		return err
	}
	fields := map[string]string{
		"JarsDir":     rt.JarsDir,
		"SparkJars":   filepath.Join(pyspark, "jars"),
		"Classes":     rt.classes(),
		"Endpoint":    s.opts.GatewayURL,
		"Region":      s.opts.Region,
		"Warehouse":   filepath.Join(dir.work(), "warehouse"),
		"PyFiles":     strings.Join(libraries, ","),
		"Packages":    joinPaths(importPaths(dir)),
		"Secret":      rand.Text(),
		"ProxyFilter": filter,
	}
	for _, name := range []string{"spark-defaults.conf", "spark-cluster.conf"} {
		settings, err := template.New(name).Option("missingkey=error").ParseFiles(filepath.Join(s.opts.AwsglueDir, name))
		if err != nil {
			return fmt.Errorf("parse Spark's settings %s: %w", name, err)
		}
		if err := settings.Execute(out, fields); err != nil {
			return fmt.Errorf("write Spark's settings %s: %w", name, err)
		}
	}
	return nil
}
