package rule

import (
	"strings"

	"store-events/policy/aws"
)

// StopDatabase is the end of the ARN of AWS's runbook that stops a DB instance. The
// runbook is in no account.
// https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-stoprdsinstance.html
const StopDatabase = "::automation-definition/AWS-StopRdsInstance"

// DatabaseStopped reports whether a rule of EventBridge stops the stack's database
// whenever it runs, as in a paused stack. Nothing can log in to it then.
func (s Stack) DatabaseStopped() bool {
	for _, target := range s.Of(aws.EventTarget) {
		if target.StopsDatabase() {
			return true
		}
	}
	return false
}

// StopsDatabase reports whether an event target is the runbook StopDatabase.
func (r Resource) StopsDatabase() bool {
	arn, err := r.Get("arn").Text()
	name, _, _ := strings.Cut(arn, ":$")
	return err == nil && strings.HasPrefix(arn, "arn:aws") && strings.HasSuffix(name, StopDatabase)
}
