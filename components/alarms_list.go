package components

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

const (
	hour = 3600
	gib  = 1 << 30
	// perRun is the period, in seconds, of metrics with one value per run.
	perRun = 60
)

// alarms returns all alarms of a stack. Each has an entry in docs/alarms.md.
func alarms(args *AlarmsArgs) []alarm {
	all := append(runAlarms(args), dataAlarms(args)...)
	return append(all, systemAlarms(args)...)
}

// ofRuns returns a statistic of a metric that the job sends after each run.
func ofRuns(args *AlarmsArgs, name, statistic string) metric {
	m := schema.Load().Metrics
	return metric{m.Namespace, name, statistic, pulumi.StringMap{m.Dimension: args.Etl.Job}}
}

// ofLast completes an alarm about the last run or call: it keeps its state until the next.
func ofLast(a alarm) alarm {
	a.period, a.periods, a.missing = perRun, 1, keepState
	return a
}

func runAlarms(args *AlarmsArgs) []alarm {
	m := schema.Load().Metrics
	all := []alarm{
		ofLast(alarm{
			role: "run-failed", meaning: "The last run of the job failed",
			metrics: []metric{ofRuns(args, m.Failed, "Maximum")}, comparison: atLeast, threshold: 1,
		}),
		ofLast(alarm{
			role: "objects-unread", meaning: "The last run could not read some objects",
			metrics: []metric{ofRuns(args, m.Unread, "Maximum")}, comparison: above, threshold: 0,
		}),
		ofLast(alarm{
			role: "lag", meaning: fmt.Sprintf("The last run loaded an object more than %d hours after its upload", lagHours(args)),
			metrics: []metric{ofRuns(args, m.Lag, "Maximum")}, comparison: above, threshold: float64(lagHours(args) * hour),
		}),
	}
	if args.LateHours == 0 {
		return all
	}
	return append(all, alarm{
		role: "run-missing", meaning: fmt.Sprintf("No run of the job has succeeded for %d hours", args.LateHours),
		// FILL counts hours without a run immediately. Without it, CloudWatch first
		// searches several hours of older data.
		metrics: []metric{ofRuns(args, m.Succeeded, "Sum")}, expression: "FILL(m0, 0)", comparison: below, threshold: 1,
		period: hour, periods: args.LateHours, missing: noDataIsIt,
	})
}

// lagHours returns the lag that raises an alarm, even in a stack without a schedule.
func lagHours(args *AlarmsArgs) int {
	if args.LateHours > 0 {
		return args.LateHours
	}
	return 24
}

func dataAlarms(args *AlarmsArgs) []alarm {
	m := schema.Load().Metrics
	factor := args.Settings.VolumeFactor
	return []alarm{
		ofLast(alarm{
			role: "quarantine", meaning: fmt.Sprintf("More than %s of the lines of the last run are in quarantine", percent(args.Settings.QuarantineShare)),
			metrics:    []metric{ofRuns(args, m.Quarantined, "Sum"), ofRuns(args, m.Read, "Sum")},
			expression: "IF(m1 > 0, m0 / m1, 0)", comparison: above, threshold: args.Settings.QuarantineShare,
		}),
		ofLast(alarm{
			role: "unknown-field", meaning: "Events of the last run have fields that are not in the contract",
			metrics: []metric{ofRuns(args, m.Unknown, "Sum")}, comparison: above, threshold: 0,
		}),
		ofLast(alarm{
			role: "crawl-failed", meaning: "The last crawl before the end of the last run failed",
			metrics: []metric{ofRuns(args, m.CrawlFailed, "Maximum")}, comparison: atLeast, threshold: 1,
		}),
		ofLast(alarm{
			role: "expectations", meaning: "Events of the last run do not meet the contract's expectations",
			metrics: []metric{ofRuns(args, m.Expectations, "Maximum")}, comparison: above, threshold: 0,
		}),
		ofLast(alarm{
			role: "streams", meaning: "Streams were late or had too few lines at the last full listing",
			metrics: []metric{ofRuns(args, m.Streams, "Maximum")}, comparison: above, threshold: 0,
		}),
		ofLast(alarm{
			role: "volume", meaning: fmt.Sprintf("The lines of the last 24 hours are more than %[1]s times the daily average of the week before, or less than 1/%[1]s of it", number(factor)),
			metrics:    []metric{ofRuns(args, m.Volume, "Maximum")},
			expression: fmt.Sprintf("IF(m0 > %[1]s OR m0 * %[1]s < 1, 1, 0)", number(factor)), comparison: atLeast, threshold: 1,
		}),
	}
}

// databaseAlarms returns the alarms of the stack's instance; existing servers have their own.
func databaseAlarms(args *AlarmsArgs) []alarm {
	if args.StorageGiB == 0 {
		return nil
	}
	database := pulumi.StringMap{"DBInstanceIdentifier": args.Database.Identifier}
	return []alarm{
		{
			role: "database-storage", meaning: fmt.Sprintf("The database has less than %s GiB of free storage", number(float64(args.StorageGiB)/10)),
			metrics:    []metric{{"AWS/RDS", "FreeStorageSpace", "Minimum", database}},
			comparison: below, threshold: float64(args.StorageGiB) * gib / 10,
			period: 300, periods: 3, missing: unknown,
		},
		{
			role: "database-load", meaning: "The CPU of the database has been above 90 % for 30 minutes",
			metrics:    []metric{{"AWS/RDS", "CPUUtilization", "Average", database}},
			comparison: above, threshold: 90,
			period: 300, periods: 6, missing: unknown,
		},
	}
}

func systemAlarms(args *AlarmsArgs) []alarm {
	all := append(databaseAlarms(args), []alarm{
		ofLast(alarm{
			role: "rotation-failed", meaning: "The last call of the function that rotates the passwords failed",
			metrics: []metric{calls(args.Database.Rotation, "Errors")}, comparison: above, threshold: 0,
		}),
		ofLast(alarm{
			role: "producer-failed", meaning: "The last call of the producer failed",
			metrics: []metric{calls(args.Producer.Function, "Errors")}, comparison: above, threshold: 0,
		}),
	}...)
	all = append(all, starterAlarms(args.Starter)...)
	if args.Settings.SilentHours == 0 {
		return all
	}
	return append(all, alarm{
		role: "producer-silent", meaning: fmt.Sprintf("The producer has not been invoked for %d hours", args.Settings.SilentHours),
		metrics: []metric{calls(args.Producer.Function, "Invocations")}, expression: "FILL(m0, 0)", comparison: below, threshold: 1,
		period: hour, periods: args.Settings.SilentHours, missing: noDataIsIt,
	})
}

// starterAlarms returns the alarms of the function that starts runs, and of its queues.
func starterAlarms(starter *Starter) []alarm {
	if starter == nil {
		return nil
	}
	return []alarm{
		ofLast(alarm{
			role: "starter-failed", meaning: "The last call of the function that starts runs failed",
			metrics: []metric{calls(starter.Function, "Errors")}, comparison: above, threshold: 0,
		}),
		{
			role: "events-waiting", meaning: "Events about new objects have waited for 15 minutes without a call of the function that starts runs",
			// A call hides all messages, even if it only delays them.
			metrics:    []metric{waiting(starter.Queue), calls(starter.Function, "Invocations")},
			expression: "IF(m0 > 0 AND FILL(m1, 0) < 1, 1, 0)", comparison: atLeast, threshold: 1,
			period: 300, periods: 3, missing: keepState,
		},
		{
			role: "events-dead", meaning: "Events about new objects are in the dead-letter queue",
			metrics: []metric{waiting(starter.DeadLetters)}, comparison: above, threshold: 0,
			period: 300, periods: 1, missing: keepState,
		},
	}
}

func calls(function pulumi.StringInput, name string) metric {
	return metric{"AWS/Lambda", name, "Sum", pulumi.StringMap{"FunctionName": function}}
}

// waiting returns the metric of a queue's visible messages.
func waiting(queue pulumi.StringInput) metric {
	return metric{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", pulumi.StringMap{"QueueName": queue}}
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

func percent(share float64) string { return strconv.FormatFloat(share*100, 'g', 6, 64) + " %" }
