package observability

import (
	"encoding/json"
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var alarmActionsPresent = rule.Rule{
	ID:       "alarm-actions-present",
	Title:    "Alarms notify a topic of this stack",
	Why:      "Without an action, an alarm notifies nobody.",
	Fix:      "Add the ARN of an sns.Topic of the stack to AlarmActions.",
	Sources:  "SecHub CloudWatch.15; cdk-nag NIST.800.53.R5-CloudWatchAlarmAction",
	Severity: rule.Medium,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.MetricAlarm, aws.CompositeAlarm, aws.Topic},
	Stack: func(s rule.Stack) []rule.Finding {
		return eachAlarm(s, func(alarm rule.Resource) []rule.Finding {
			actions := alarm.Get("alarmActions")
			topics, maybe := s.Referred(alarm, actions, aws.Topic)
			empty, err := matcher.Empty(actions)
			switch {
			case len(topics) > 0:
				return nil
			case err != nil:
				return rule.Unreadable(err)
			case maybe && !empty:
				return rule.Undecidable(actions, "not known yet")
			default:
				return rule.Violate(actions, "no action is a topic of this stack")
			}
		})
	},
}

func eachAlarm(s rule.Stack, check func(rule.Resource) []rule.Finding) []rule.Finding {
	return append(s.Each(aws.MetricAlarm, check), s.Each(aws.CompositeAlarm, check)...)
}

var alarmActionsEnabled = rule.Rule{
	ID:       "alarm-actions-enabled",
	Title:    "Alarm actions are enabled",
	Why:      "Actions that are turned off for a moment stay off.",
	Fix:      "Remove ActionsEnabled.",
	Sources:  "SecHub CloudWatch.17; checkov CKV_AWS_319",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.MetricAlarm, aws.CompositeAlarm},
	Resource: rule.Property("actionsEnabled", matcher.NotFalse, "the actions are off"),
}

var pipelineFailureAlerted = rule.Rule{
	ID:       "pipeline-failure-alerted",
	Title:    "Failures of Glue jobs trigger a notification",
	Why:      "Otherwise, a failure at night is noticed only when data is missing.",
	Fix:      "Add a cloudwatch.EventRule for Glue Job State Change with the states FAILED and TIMEOUT, and a cloudwatch.EventTarget with an sns.Topic.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.GlueJob, aws.EventRule, aws.EventTarget, aws.MetricAlarm, aws.Topic},
	Stack: func(s rule.Stack) []rule.Finding {
		jobs := s.Of(aws.GlueJob)
		if len(jobs) == 0 || alertedByAlarm(s) {
			return nil
		}
		var unreadable []rule.Finding
		for _, event := range s.Of(aws.EventRule) {
			matches, err := jobFailures(event, jobs)
			if err != nil {
				unreadable = append(unreadable, rule.On(event, rule.Unreadable(err))...)
			}
			if matches && notifiesTopic(s, event) {
				return nil
			}
		}
		if len(unreadable) > 0 {
			return unreadable
		}
		return rule.On(jobs[0], rule.Violate(jobs[0].Get(), "no notification is sent when the job fails"))
	},
}

func alertedByAlarm(s rule.Stack) bool {
	return slices.ContainsFunc(s.Of(aws.MetricAlarm), func(alarm rule.Resource) bool {
		ok, err := matcher.AllOf(matcher.At("namespace", matcher.OneOf("Glue", "AWS/Glue")), matcher.At("metricName", matcher.Like("*failed*", "*Failed*", "glue.error.*")))(alarm.Get())
		return ok && err == nil
	})
}

// jobFailures reports whether a rule is on and its pattern matches failed runs of one of the jobs.
func jobFailures(event rule.Resource, jobs []rule.Resource) (bool, error) {
	v := event.Get("eventPattern")
	text, err := v.Text()
	if err != nil || text == "" || off(event) {
		return false, err
	}
	var pattern struct {
		Source     filter `json:"source"`
		DetailType filter `json:"detail-type"`
		Detail     struct {
			State   filter `json:"state"`
			JobName filter `json:"jobName"`
		} `json:"detail"`
	}
	if json.Unmarshal([]byte(text), &pattern) != nil {
		return false, &value.Error{Path: v.Path(), Want: "an event pattern", Got: "another string"}
	}
	return pattern.Source.admits("aws.glue") && pattern.DetailType.admits("Glue Job State Change") &&
		pattern.Detail.State.admits("FAILED") && pattern.Detail.State.admits("TIMEOUT") &&
		namesJob(pattern.Detail.JobName, jobs), nil
}

// off reports whether a rule of EventBridge is disabled, by its current or its former property.
func off(event rule.Resource) bool {
	disabled, err := matcher.OneOf("DISABLED")(event.Get("state"))
	old, oldErr := matcher.False(event.Get("isEnabled"))
	return disabled && err == nil || old && oldErr == nil
}

// namesJob reports whether a pattern's list of jobs is empty, which means all, or contains a job of the stack.
func namesJob(names filter, jobs []rule.Resource) bool {
	return len(names) == 0 || slices.ContainsFunc(jobs, func(j rule.Resource) bool {
		name, err := j.Get("name").Text()
		return err != nil || name == "" || names.admits(name)
	})
}

func notifiesTopic(s rule.Stack, event rule.Resource) bool {
	targets, _ := s.Referrers(aws.EventTarget, "rule", event)
	return slices.ContainsFunc(targets, func(target rule.Resource) bool {
		return s.RefersToAny(target, target.Get("arn"), aws.Topic) == rule.Yes
	})
}

var rdsAlarmsExist = rule.Rule{
	ID:       "rds-alarms-exist",
	Title:    "RDS instances have alarms on free storage and CPU",
	Why:      "A database with full storage stops.",
	Fix:      "Add a cloudwatch.MetricAlarm each for FreeStorageSpace and CPUUtilization, with the instance in Dimensions.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.DBInstance, aws.MetricAlarm, aws.EventTarget, aws.EventRule},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.DBInstance, func(db rule.Resource) []rule.Finding {
			if s.KeptStopped(db) { // It has no metrics.
				return nil
			}
			var findings []rule.Finding
			for _, metric := range []string{"FreeStorageSpace", "CPUUtilization"} {
				findings = append(findings, requireAlarm(s, db, metric)...)
			}
			return findings
		})
	},
}

func requireAlarm(s rule.Stack, db rule.Resource, metric string) []rule.Finding {
	for _, alarm := range s.Of(aws.MetricAlarm) {
		on, err := matcher.OneOf(metric)(alarm.Get("metricName"))
		if err != nil {
			return rule.On(alarm, rule.Unreadable(err))
		}
		dimension := alarm.Get("dimensions", "DBInstanceIdentifier")
		text, err := dimension.Text()
		named := err == nil && text != "" && identifiedBy(db, text)
		if on && (named || rule.Refers(alarm, dimension, db) == rule.Yes) {
			return nil
		}
	}
	return rule.Violate(db.Get(), "the database has no alarm on "+metric)
}

func identifiedBy(db rule.Resource, identifier string) bool {
	ok, err := matcher.OneOf(identifier)(db.Get("identifier"))
	return ok && err == nil
}
