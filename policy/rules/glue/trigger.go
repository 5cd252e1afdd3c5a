package glue

import (
	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var triggerStartsOwn = rule.Rule{
	ID:       "glue-trigger-starts-own",
	Title:    "Glue triggers start only jobs and crawlers of this stack",
	Why:      "No rule checks what a job or crawler outside the stack does, and with which role.",
	Fix:      "Set JobName and CrawlerName in Actions of the glue.Trigger to a glue.Job and a glue.Crawler of the stack.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.GlueTrigger, aws.GlueJob, aws.GlueCrawler},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.GlueTrigger, func(t rule.Resource) []rule.Finding {
			return rule.Each(t.Get("actions"), func(action value.Value) []rule.Finding {
				return rule.All(
					requireOwn(s, t, action.Get("jobName"), aws.GlueJob, "the job is not in this stack"),
					requireOwn(s, t, action.Get("crawlerName"), aws.GlueCrawler, "the crawler is not in this stack"),
				)
			})
		})
	},
}

// requireOwn accepts a resource of the stack, a configured existing resource, and a missing name.
func requireOwn(s rule.Stack, from rule.Resource, name value.Value, of, message string) []rule.Finding {
	if text, err := name.Text(); err == nil && (text == "" || s.Settings.Configured(text)) {
		return nil
	}
	return s.RequireReference(from, name, message, of)
}
