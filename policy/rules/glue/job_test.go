package glue

import (
	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func job(props Props) []Res { return []Res{R(aws.GlueJob, "job", props)} }

func arguments(arguments Props) []Res { return job(Props{"defaultArguments": arguments}) }

func jobCases() []Case {
	bounded := func(timeout, workers, retries int, worker string) []Res {
		return job(Props{"timeout": timeout, "numberOfWorkers": workers, "maxRetries": retries, "workerType": worker})
	}
	runs := func(n int) []Res {
		return job(Props{"defaultArguments": Props{"--job-bookmark-option": "job-bookmark-enable"}, "executionProperty": Props{"maxConcurrentRuns": n}})
	}
	return []Case{
		{
			Rule: "glue-job-version", Property: "glueVersion",
			Compliant: job(Props{"glueVersion": "5.1", "command": Props{"pythonVersion": "3"}}),
			Violating: job(Props{"glueVersion": "2.0"}),
			AlsoViolates: map[string][]Res{
				"Python 2":  job(Props{"glueVersion": "5.1", "command": Props{"pythonVersion": "2"}}),
				"Ray":       job(Props{"glueVersion": "5.1", "command": Props{"name": "glueray", "pythonVersion": "3.9"}}),
				"old shell": job(Props{"command": Props{"name": "pythonshell", "pythonVersion": "3.6"}}),
			},
			AlsoPasses: map[string][]Res{"shell": job(Props{"command": Props{"name": "pythonshell", "pythonVersion": "3.9"}})},
		},
		{
			Rule: "glue-job-bookmark-enabled", Property: "defaultArguments.--job-bookmark-option",
			Compliant:  arguments(Props{"--job-bookmark-option": "job-bookmark-enable"}),
			Violating:  arguments(Props{"--job-bookmark-option": "job-bookmark-disable"}),
			AlsoPasses: map[string][]Res{"shell": job(Props{"command": Props{"name": "pythonshell"}})},
		},
		{
			Rule: "glue-job-bookmark-single-run", Property: "executionProperty.maxConcurrentRuns", Missing: Passes,
			Compliant: runs(1), Violating: runs(2),
		},
		{
			Rule: "glue-job-arguments-no-credential", Property: "defaultArguments.--tgt_db_secret_arn", Missing: Passes,
			Compliant: arguments(Props{"--tgt_db_secret_arn": "arn:aws:secretsmanager:eu-west-1:1:secret:x", "--src_db_name": "store"}),
			Violating: arguments(Props{"--db_password": "hunter2"}),
			AlsoViolates: map[string][]Res{
				"key":             arguments(Props{"--conf": "AKIAIOSFODNN7EXAMPLE"}),
				"not overridable": job(Props{"nonOverridableArguments": Props{"--token": "abc"}}),
			},
		},
		{
			Rule: "glue-job-bounded", Property: "timeout", Environment: rule.Dev,
			Compliant: bounded(60, 2, 1, "G.1X"), Violating: bounded(2880, 2, 1, "G.1X"),
			AlsoViolates: map[string][]Res{
				"workers": bounded(60, 11, 1, "G.1X"), "retries": bounded(60, 2, 3, "G.1X"), "large": bounded(60, 2, 1, "G.8X"),
			},
		},
		{
			Rule: "glue-job-modules-pinned", Property: "defaultArguments.--additional-python-modules", Missing: Passes,
			Compliant: arguments(Props{"--additional-python-modules": "pymysql==1.1.1, s3://bucket/x.whl"}),
			Violating: arguments(Props{"--additional-python-modules": "pymysql==1.1.1,pyarrow"}),
		},
	}
}

func jobStackCases() []Case {
	script := func(location any) []Res {
		return []Res{
			R(aws.GlueJob, "job", Props{"command": Props{"scriptLocation": location}}),
			R(aws.Bucket, "bucket", Props{}),
		}
	}
	logged := func(arguments Props) []Res {
		return append(job(Props{"glueVersion": "4.0", "defaultArguments": arguments}), R(aws.LogGroup, "logs", Props{"name": "logs-name"}))
	}
	all := func(log string, group any) Props {
		return Props{"--enable-continuous-cloudwatch-log": log, "--continuous-log-logGroup": group}
	}
	five := func(prefix string) []Res {
		return job(Props{"glueVersion": "5.1", "defaultArguments": Props{"--custom-logGroup-prefix": prefix}})
	}
	groups := func(names ...string) (all []Res) {
		for _, name := range names {
			all = append(all, R(aws.LogGroup, "group "+name, Props{"name": name}))
		}
		return all
	}
	return []Case{
		{
			Rule: "glue-job-logging", Property: "defaultArguments.--enable-continuous-cloudwatch-log",
			Compliant: logged(all("true", Attr("logs", "name"))),
			Violating: logged(all("false", Attr("logs", "name"))),
			AlsoViolates: map[string][]Res{
				"group elsewhere":    logged(all("true", "/aws-glue/jobs")),
				"argument of Glue 4": append(job(Props{"glueVersion": "5.1", "defaultArguments": all("true", Attr("logs", "name"))}), R(aws.LogGroup, "logs", Props{"name": "logs-name"})),
				"no group of errors": append(five("/aws-glue/jobs/x"), groups("/aws-glue/jobs/x/sc-role/r/output")...),
				"groups elsewhere":   append(five("/aws-glue/jobs/x"), groups("/aws-glue/jobs/xy/error", "/aws-glue/jobs/xy/output")...),
			},
			AlsoPasses: map[string][]Res{
				"Glue 5 with its groups": append(five("/aws-glue/jobs/x"), groups("/aws-glue/jobs/x/sc-role/r/error", "/aws-glue/jobs/x/sc-role/r/output")...),
				"Glue 5":                 job(Props{"glueVersion": "5.1", "defaultArguments": Props{"--job-language": "python"}}),
			},
		},
		{
			Rule: "glue-job-script-in-stack", Property: "command.scriptLocation",
			Compliant: script(Sub("s3://%s/scripts/job.py", "bucket", "id")),
			Violating: script("s3://elsewhere/job.py"),
			AlsoViolates: map[string][]Res{"library elsewhere": append(
				job(Props{"command": Props{"scriptLocation": Sub("s3://%s/job.py", "bucket", "id")}, "defaultArguments": Props{"--extra-py-files": "s3://elsewhere/a.zip"}}),
				R(aws.Bucket, "bucket", Props{}))},
		},
	}
}
