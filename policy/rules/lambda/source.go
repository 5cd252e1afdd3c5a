package lambda

import (
	"store-events/policy/aws"
	"store-events/policy/rule"
)

var eventSourceOwn = rule.Rule{
	ID:       "lambda-event-source-own",
	Title:    "Event source mappings connect queues and functions of this stack",
	Why:      "Whoever can write to the queue or stream chooses the input of the function.",
	Fix:      "Set EventSourceArn of the lambda.EventSourceMapping to a queue of the stack, and FunctionName to a function of the stack.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.EventSource, aws.Function, aws.Queue},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.EventSource, func(m rule.Resource) []rule.Finding {
			return rule.All(
				s.RequireReference(m, m.Get("eventSourceArn"), "the event source is not in this stack", aws.Queue),
				s.RequireReference(m, m.Get("functionName"), "the function is not in this stack", aws.Function),
			)
		})
	},
}
