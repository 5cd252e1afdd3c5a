package jobs

import "strings"

// runLogs contains the log groups of a run's output, and the driver's log stream:
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
type runLogs struct{ errors, output, driver string }

// logGroups returns the log groups and the driver's stream of a run, as Glue 5 names them. It assumes that a security
// configuration encrypts logs.
func logGroups(args map[string]string, job Job, run Run) runLogs {
	base := strings.TrimSuffix(args["--custom-logGroup-prefix"], "/")
	if base == "" {
		base = defaultLogGroup
	}
	if run.SecurityConfiguration != "" {
		base += "/" + run.SecurityConfiguration + "-role/" + job.Role[strings.LastIndex(job.Role, "/")+1:]
	}
	stream := args["--custom-logStream-prefix"]
	if stream == "" {
		stream = run.ID
	}
	return runLogs{errors: base + "/error", output: base + "/output", driver: stream + "-driver"}
}
