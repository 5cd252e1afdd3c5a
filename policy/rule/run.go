package rule

import "fmt"

// JudgeResource runs a resource rule. It reports a panic as a failed rule.
func (r Rule) JudgeResource(resource Resource) (findings []Finding) {
	defer reportPanic(&findings)
	return On(resource, r.Resource(resource))
}

// JudgeStack runs a stack rule. It reports a panic as a failed rule.
func (r Rule) JudgeStack(stack Stack) (findings []Finding) {
	defer reportPanic(&findings)
	return r.Stack(stack)
}

func reportPanic(findings *[]Finding) {
	if cause := recover(); cause != nil {
		*findings = append(*findings, Finding{Kind: Failed, Message: fmt.Sprintf("the rule panicked: %v", cause)})
	}
}
