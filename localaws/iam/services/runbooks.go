package services

import (
	"strings"

	"localaws/iam/policy"
)

// EventBridgeToRunbook returns the requests with which EventBridge assumes a target's role and starts a runbook. The
// start needs a permission on each resource type: the runbook as a document and as a definition, and the execution,
// with an unknown ID.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
func (p Place) EventBridgeToRunbook(rule string, role policy.Principal, definition string) []policy.Request {
	document, _, _ := strings.Cut(strings.Replace(definition, ":automation-definition/", ":document/", 1), ":$")
	requests := []policy.Request{p.Assume("events.amazonaws.com", role.Role, p.arn("events", "rule/"+rule))}
	for _, resource := range []string{definition, document, p.arn("ssm", "automation-execution/*")} {
		requests = append(requests, as(role, each(resource, policy.Context{}, "ssm:StartAutomationExecution")...)...)
	}
	return requests
}

// StopRunbook is the end of the ARN of AWS's runbook that stops a DB instance.
const StopRunbook = "::automation-definition/AWS-StopRdsInstance"

// StopDatabase returns the requests of StopRunbook with the role that started it.
// https://docs.aws.amazon.com/systems-manager-automation-runbooks/latest/userguide/automation-aws-stoprdsinstance.html
func (p Place) StopDatabase(role policy.Principal, instance string) []policy.Request {
	return as(role, each(p.arn("rds", "db:"+instance), policy.Context{}, "rds:DescribeDBInstances", "rds:StopDBInstance")...)
}
