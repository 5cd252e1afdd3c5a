package lambda

import (
	"store-events/policy/aws"
	"store-events/policy/rule"
)

var eventSourceOwn = rule.Rule{
	ID:       "lambda-event-source-own",
	Title:    "A function takes messages of this stack only",
	Why:      "Whoever may write to the queue or stream calls the function with input of their choice.",
	Fix:      "Set EventSourceArn of the lambda.EventSourceMapping to a queue of the stack, and FunctionName to a function of it.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.EventSource, aws.Function, aws.Queue},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.EventSource, func(m rule.Resource) []rule.Finding {
			return rule.All(
				s.RequireReference(m, m.Get("eventSourceArn"), "the source is not of this stack", aws.Queue),
				s.RequireReference(m, m.Get("functionName"), "the function is not of this stack", aws.Function),
			)
		})
	},
}
