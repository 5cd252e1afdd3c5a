package observability

import (
	"slices"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// messaging is a kind of resource that receives messages.
type messaging struct {
	word, kind string
	// policy is the type of a separate policy, with the property that refers to the resource.
	policy, of string
	// action sends a message.
	action string
}

var (
	topics = messaging{word: "topic", kind: aws.Topic, policy: aws.TopicPolicy, of: "arn", action: "sns:Publish"}
	queues = messaging{word: "queue", kind: aws.Queue, policy: aws.QueuePolicy, of: "queueUrl", action: "sqs:SendMessage"}
)

// demandTLS reports each resource of the kind without a policy that denies
// messages without TLS.
func (m messaging) demandTLS(s rule.Stack) []rule.Finding {
	return s.Each(m.kind, func(r rule.Resource) []rule.Finding {
		arn, _ := value.Of(r.Outputs).Get("arn").Text()
		if !matcher.Missing(r.Get("policy")) {
			return m.requireTLS(r, arn)
		}
		policies, findings := s.RequireReferrer(r, m.policy, m.of, "the "+m.word+" has no policy that requires TLS")
		for _, p := range policies {
			findings = append(findings, rule.On(p, m.requireTLS(p, arn))...)
		}
		return findings
	})
}

// requireTLS reports a resource whose policy does not deny messages without TLS to
// arn, which is empty if unknown.
func (m messaging) requireTLS(r rule.Resource, arn string) []rule.Finding {
	var other bool
	demands, findings := iampolicy.Has(r.Get("policy"), func(s iampolicy.Statement) bool {
		denies := s.DeniesPlainHTTP() && s.Covers(m.action) && len(s.NotResource) == 0
		other = other || denies
		return denies && slices.ContainsFunc(s.Resource, func(pattern string) bool { return iampolicy.Matches(pattern, arn) })
	})
	switch {
	case demands || len(findings) > 0:
		return findings
	case other && arn == "":
		return rule.Undecidable(r.Get("policy"), "the ARN of the "+m.word+" is not known yet")
	default:
		return rule.Violate(r.Get("policy"), "no statement denies messages without TLS")
	}
}
