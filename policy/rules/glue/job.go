package glue

import (
	"cmp"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

var isSpark = matcher.OneOf("", "glueetl", "gluestreaming")

var jobVersion = rule.Rule{
	ID:       "glue-job-version",
	Title:    "Glue jobs run on supported versions of Glue and Python",
	Why:      "Old versions run Spark and Python without security fixes, and AWS retires them at short notice.",
	Fix:      "Set Command.Name on the glue.Job to glueetl, gluestreaming or pythonshell, GlueVersion to 5.0 or later, and Command.PythonVersion to 3 (3.9 for pythonshell).",
	Sources:  "FSBP Glue.4",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob},
	Resource: func(j rule.Resource) []rule.Finding {
		shell := matcher.OneOf("pythonshell")
		return rule.All(
			// Other rules do not support Ray jobs, which are closed to new customers:
			// https://docs.aws.amazon.com/glue/latest/dg/awsglue-ray-jobs-availability-change.html
			rule.Require(j.Get("command", "name"), matcher.OneOf("", "glueetl", "gluestreaming", "pythonshell"), "the job type is neither Spark nor Python shell"),
			rule.When(j.Get("command", "name"), isSpark, func() []rule.Finding {
				return rule.Require(j.Get("glueVersion"), matcher.AtLeast(4), "the Glue version is missing or older than 4.0")
			}),
			rule.When(j.Get("command", "name"), shell, func() []rule.Finding {
				return rule.Require(j.Get("command", "pythonVersion"), matcher.OneOf("3.9"), "the Python version is not 3.9")
			}),
			rule.When(j.Get("command", "name"), isSpark, func() []rule.Finding {
				return rule.Require(j.Get("command", "pythonVersion"), matcher.OneOf("", "3"), "the Python version is not 3")
			}),
		)
	},
}

var jobBookmarkEnabled = rule.Rule{
	ID:       "glue-job-bookmark-enabled",
	Title:    "Glue ETL jobs have job bookmarks enabled",
	Why:      "Without bookmarks, every run reads all data again.",
	Fix:      `Set "--job-bookmark-option": "job-bookmark-enable" in DefaultArguments.`,
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob},
	Resource: func(j rule.Resource) []rule.Finding {
		return rule.When(j.Get("command", "name"), matcher.OneOf("", "glueetl"), func() []rule.Finding {
			return rule.Require(j.Get("defaultArguments", "--job-bookmark-option"), matcher.OneOf("job-bookmark-enable"), "job bookmarks are off")
		})
	},
}

var jobBookmarkSingleRun = rule.Rule{
	ID:       "glue-job-bookmark-single-run",
	Title:    "Glue jobs with bookmarks allow one concurrent run",
	Why:      "Concurrent runs read the same bookmark and load the same objects, or fail because its version changed.",
	Fix:      "Remove ExecutionProperty, or set MaxConcurrentRuns to 1.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob},
	Resource: func(j rule.Resource) []rule.Finding {
		return rule.When(j.Get("defaultArguments", "--job-bookmark-option"), matcher.OneOf("job-bookmark-enable"), func() []rule.Finding {
			return rule.Require(j.Get("executionProperty", "maxConcurrentRuns"), matcher.MissingOr(matcher.AtMost(1)), "more than one concurrent run is allowed")
		})
	},
}

var jobArgumentsNoCredential = rule.Rule{
	ID:       "glue-job-arguments-no-credential",
	Title:    "Arguments of Glue jobs contain no credentials",
	Why:      "glue:GetJob, glue:GetJobRun, the console and logs show the arguments.",
	Fix:      "Pass the ARN of a secret, and read the secret at run time.",
	Sources:  "project; prowler glue_etl_jobs_no_secrets_in_arguments",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob, aws.GlueTrigger, aws.RandomPassword},
	Stack: func(s rule.Stack) []rule.Finding {
		findings := eachArgument(s, func(a argument) []rule.Finding {
			return rule.Require(a.at, matcher.Not(a.holdsCredential), "the argument contains a credential")
		})
		for _, r := range s.Of(aws.GlueJob, aws.GlueTrigger) {
			for _, key := range []string{"defaultArguments", "nonOverridableArguments", "actions"} {
				findings = append(findings, rule.On(r, s.ForbidPassword(r, r.Get(key)))...)
			}
		}
		return findings
	},
}

var jobLogging = rule.Rule{
	ID:       "glue-job-logging",
	Title:    "Glue jobs use continuous logging, to log groups of this stack if any are set",
	Why:      "Without logs, nobody can find out why a run hung or failed.",
	Fix:      `Up to Glue 4, set "--enable-continuous-cloudwatch-log": "true" in DefaultArguments, and "--continuous-log-logGroup" to a log group of the stack. From Glue 5, set "--custom-logGroup-prefix", and add log groups below the prefix whose names end in /error and /output.`,
	Sources:  "prowler glue_etl_jobs_logging_enabled; project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob, aws.LogGroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.GlueJob, func(j rule.Resource) []rule.Finding {
			arguments := j.Get("defaultArguments")
			findings := rule.All(
				rule.When(j.Get("glueVersion"), matcher.Not(matcher.AtLeast(5)), func() []rule.Finding {
					return rule.Require(arguments.Get("--enable-continuous-cloudwatch-log"), matcher.True, "continuous logging is off")
				}),
				rule.Require(arguments.Get("--enable-continuous-cloudwatch-log"), matcher.NotFalse, "continuous logging is off"),
			)
			group := arguments.Get("--continuous-log-logGroup")
			if !matcher.Missing(group) {
				findings = append(findings, s.RequireReference(j, group, "the log group is not in this stack", aws.LogGroup)...)
			}
			return append(findings, rule.When(j.Get("glueVersion"), matcher.AtLeast(5), func() []rule.Finding {
				if !matcher.Missing(group) {
					return rule.Violate(group, "Glue 5 ignores the argument")
				}
				return requireLogGroups(s, arguments.Get("--custom-logGroup-prefix"))
			})...)
		})
	},
}

// requireLogGroups requires the log groups of Glue 5 below a prefix. Their names also contain a security
// configuration and a role, which are unknown before they exist:
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html.
func requireLogGroups(s rule.Stack, prefix value.Value) []rule.Finding {
	if matcher.Missing(prefix) {
		return nil
	}
	start, err := prefix.Text()
	if err != nil {
		return rule.Unreadable(err)
	}
	groups := s.Of(aws.LogGroup)
	for _, kind := range []string{"/error", "/output"} {
		var unknown error
		found := slices.ContainsFunc(groups, func(g rule.Resource) bool {
			name, err := g.Get("name").Text()
			unknown = cmp.Or(unknown, err)
			return err == nil && strings.HasPrefix(name, strings.TrimSuffix(start, "/")+"/") && strings.HasSuffix(name, kind)
		})
		switch {
		case found:
		case unknown != nil:
			return rule.Unreadable(unknown)
		default:
			return rule.Violate(prefix, "the stack has no log group below the prefix that ends in "+kind)
		}
	}
	return nil
}

var jobBounded = rule.Rule{
	ID:       "glue-job-bounded",
	Title:    "Glue jobs limit run time, workers and retries",
	Why:      "By default, a job that hangs is billed for up to two days.",
	Fix:      "Set Timeout to at most 120 minutes, NumberOfWorkers to at most 10 of WorkerType G.1X or G.2X, and MaxRetries to at most 1.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.CostGuard,
	Types:    []string{aws.GlueJob},
	Resource: func(j rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(j.Get("timeout"), matcher.AtMost(120), "the job may run for more than 120 minutes"),
			rule.Require(j.Get("maxRetries"), matcher.MissingOr(matcher.AtMost(1)), "the job is retried more than once"),
			rule.When(j.Get("command", "name"), isSpark, func() []rule.Finding {
				return rule.All(
					rule.Require(j.Get("numberOfWorkers"), matcher.AtMost(10), "the job may have more than 10 workers"),
					rule.Require(j.Get("workerType"), matcher.OneOf("G.1X", "G.2X"), "the workers are not G.1X or G.2X"),
				)
			}),
		)
	},
}

var jobScriptInStack = rule.Rule{
	ID:       "glue-job-script-in-stack",
	Title:    "Glue jobs use scripts, libraries, S3 locations and connections of this stack",
	Why:      "Whoever can change a script or library outside the stack controls what runs with the job's role; whoever owns a connection controls which servers the job reaches.",
	Fix:      "Set Command.ScriptLocation and all S3 locations in arguments to buckets of the stack, and Connections to connections of the stack.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob, aws.GlueTrigger, aws.GlueConnection, aws.Bucket, aws.BucketObject},
	Stack: func(s rule.Stack) []rule.Finding {
		return rule.All(
			s.Each(aws.GlueJob, func(j rule.Resource) []rule.Finding {
				script := j.Get("command", "scriptLocation")
				if matcher.Missing(script) {
					return rule.Violate(script, "the job has no script")
				}
				return rule.All(
					vpcgraph.RequireInStack(s, j, script),
					rule.Require(j.Get("sourceControlDetails"), matcher.Empty, "a source control repository may replace the script"),
					rule.Each(j.Get("connections"), func(c value.Value) []rule.Finding {
						return s.RequireReference(j, c, "the connection is not in this stack", aws.GlueConnection)
					}),
				)
			}),
			eachArgument(s, func(a argument) []rule.Finding { return a.requireInStack(s) }),
		)
	},
}

var jobModulesPinned = rule.Rule{
	ID:       "glue-job-modules-pinned",
	Title:    "Python modules of Glue jobs have pinned versions and come from PyPI or S3",
	Why:      "Each run installs the version of an unpinned module that the index offers at that time.",
	Fix:      `List each module in --additional-python-modules as name==version or as a wheel in S3, and use no other package index.`,
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob, aws.GlueTrigger},
	Resource: func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, a := range argumentsOf(r) {
			switch a.key {
			case "--additional-python-modules":
				findings = append(findings, rule.Require(a.at, pinned, "a module has no pinned version")...)
			case "--python-modules-installer-option":
				findings = append(findings, rule.Require(a.at, matcher.Not(matcher.Matches(anotherIndex)), "modules come from another package index")...)
			}
		}
		return findings
	},
}
