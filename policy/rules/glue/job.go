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
	Title:    "A Glue job runs on a supported version",
	Why:      "Old versions run Spark and Python without security fixes, and are retired at short notice.",
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
			rule.Require(j.Get("command", "name"), matcher.OneOf("", "glueetl", "gluestreaming", "pythonshell"), "it runs neither Spark nor Python"),
			rule.When(j.Get("command", "name"), isSpark, func() []rule.Finding {
				return rule.Require(j.Get("glueVersion"), matcher.AtLeast(4), "the version is older than 4.0, or not given")
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
	Title:    "An ingestion job keeps bookmarks",
	Why:      "Without them every run reads everything again.",
	Fix:      `Put "--job-bookmark-option": "job-bookmark-enable" into DefaultArguments.`,
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob},
	Resource: func(j rule.Resource) []rule.Finding {
		return rule.When(j.Get("command", "name"), matcher.OneOf("", "glueetl"), func() []rule.Finding {
			return rule.Require(j.Get("defaultArguments", "--job-bookmark-option"), matcher.OneOf("job-bookmark-enable"), "bookmarks are off")
		})
	},
}

var jobBookmarkSingleRun = rule.Rule{
	ID:       "glue-job-bookmark-single-run",
	Title:    "A job with bookmarks runs once at a time",
	Why:      "Two runs at once read the same bookmark and load the same objects, or fail on its version.",
	Fix:      "Leave ExecutionProperty out, or set MaxConcurrentRuns to 1.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob},
	Resource: func(j rule.Resource) []rule.Finding {
		return rule.When(j.Get("defaultArguments", "--job-bookmark-option"), matcher.OneOf("job-bookmark-enable"), func() []rule.Finding {
			return rule.Require(j.Get("executionProperty", "maxConcurrentRuns"), matcher.MissingOr(matcher.AtMost(1)), "several runs may run at once")
		})
	},
}

var jobArgumentsNoCredential = rule.Rule{
	ID:       "glue-job-arguments-no-credential",
	Title:    "No argument of a Glue job is a credential",
	Why:      "Arguments are shown by glue:GetJob and GetJobRun, in the console and in logs.",
	Fix:      "Pass the ARN of a secret and read it at run time.",
	Sources:  "project; prowler glue_etl_jobs_no_secrets_in_arguments",
	Severity: rule.Critical,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob, aws.GlueTrigger, aws.RandomPassword},
	Stack: func(s rule.Stack) []rule.Finding {
		findings := eachArgument(s, func(a argument) []rule.Finding {
			return rule.Require(a.at, matcher.Not(a.holdsCredential), "the argument holds a credential")
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
	Title:    "A Glue job logs while it runs",
	Why:      "Without logs nobody can find out why a run hung or failed.",
	Fix:      `Up to Glue 4, put "--enable-continuous-cloudwatch-log": "true" into DefaultArguments, and a log group of the stack in "--continuous-log-logGroup". From Glue 5: "--custom-logGroup-prefix", and a log group of the stack for each of the names that Glue makes of it, which end in /error and /output.`,
	Sources:  "prowler glue_etl_jobs_logging_enabled; project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob, aws.LogGroup},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.GlueJob, func(j rule.Resource) []rule.Finding {
			arguments := j.Get("defaultArguments")
			findings := rule.All(
				rule.When(j.Get("glueVersion"), matcher.Not(matcher.AtLeast(5)), func() []rule.Finding {
					return rule.Require(arguments.Get("--enable-continuous-cloudwatch-log"), matcher.True, "the job does not log while it runs")
				}),
				rule.Require(arguments.Get("--enable-continuous-cloudwatch-log"), matcher.NotFalse, "the job does not log while it runs"),
			)
			group := arguments.Get("--continuous-log-logGroup")
			if !matcher.Missing(group) {
				findings = append(findings, s.RequireReference(j, group, "the log group is not one of this stack", aws.LogGroup)...)
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
			return rule.Violate(prefix, "no log group of this stack is below the prefix and ends in "+kind)
		}
	}
	return nil
}

var jobBounded = rule.Rule{
	ID:       "glue-job-bounded",
	Title:    "A Glue job has limits on time, workers and retries",
	Why:      "By default a job that hangs is billed for two days.",
	Fix:      "Set Timeout to at most 120 minutes, NumberOfWorkers to at most 10 of WorkerType G.1X or G.2X, and MaxRetries to at most 1.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.CostGuard,
	Types:    []string{aws.GlueJob},
	Resource: func(j rule.Resource) []rule.Finding {
		return rule.All(
			rule.Require(j.Get("timeout"), matcher.AtMost(120), "it may run for more than 120 minutes"),
			rule.Require(j.Get("maxRetries"), matcher.MissingOr(matcher.AtMost(1)), "it is retried more than once"),
			rule.When(j.Get("command", "name"), isSpark, func() []rule.Finding {
				return rule.All(
					rule.Require(j.Get("numberOfWorkers"), matcher.AtMost(10), "it may have more than 10 workers"),
					rule.Require(j.Get("workerType"), matcher.OneOf("G.1X", "G.2X"), "the workers are not G.1X or G.2X"),
				)
			}),
		)
	},
}

var jobScriptInStack = rule.Rule{
	ID:       "glue-job-script-in-stack",
	Title:    "Scripts, libraries and connections of a Glue job belong to this stack",
	Why:      "Whoever can write a script or library elsewhere controls what runs with the job's role, and whoever owns a connection what it talks to.",
	Fix:      "Point Command.ScriptLocation and every argument that names a place in S3 to the stack's buckets, and take Connections of the stack.",
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
					rule.Require(j.Get("sourceControlDetails"), matcher.Empty, "a repository may replace the script"),
					rule.Each(j.Get("connections"), func(c value.Value) []rule.Finding {
						return s.RequireReference(j, c, "the connection is not one of this stack", aws.GlueConnection)
					}),
				)
			}),
			eachArgument(s, func(a argument) []rule.Finding { return a.requireInStack(s) }),
		)
	},
}

var jobModulesPinned = rule.Rule{
	ID:       "glue-job-modules-pinned",
	Title:    "Python modules of a Glue job have pinned versions",
	Why:      "An unpinned module is whatever version the index serves on the day of the run.",
	Fix:      `Write each of --additional-python-modules as name==version, or use a wheel in S3.`,
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.GlueJob, aws.GlueTrigger},
	Resource: func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, a := range argumentsOf(r) {
			switch a.key {
			case "--additional-python-modules":
				findings = append(findings, rule.Require(a.at, pinned, "a module has no version")...)
			case "--python-modules-installer-option":
				findings = append(findings, rule.Require(a.at, matcher.Not(matcher.Matches(anotherIndex)), "modules come from another index")...)
			}
		}
		return findings
	},
}
