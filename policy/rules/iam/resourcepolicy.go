package iam

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

// resourcePolicyTypes are separate resource policies, except for buckets, which have their own rules.
var resourcePolicyTypes = []string{
	aws.Key, aws.Secret, aws.SecretPolicy, aws.Topic, aws.TopicPolicy, aws.Queue, aws.QueuePolicy, aws.GlueResourcePolicy,
	aws.EventBusPolicy,
}

var policyUnambiguous = rule.Rule{
	ID:       "iam-policy-unambiguous",
	Title:    "A policy document has one meaning",
	Why:      "Of an element that occurs twice, or in another case, AWS and the reviewer may read another one.",
	Fix:      "Write each element once, as in the grammar of IAM, and Effect as Allow or Deny.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types: slices.Concat(permissionTypes, resourcePolicyTypes,
		[]string{aws.Bucket, aws.BucketPolicy, aws.VpcEndpoint}),
	Resource: func(r rule.Resource) []rule.Finding {
		var findings []rule.Finding
		for _, v := range append(documents(r), r.Get("assumeRolePolicy")) {
			d, unreadable := iampolicy.Read(v)
			findings = append(findings, unreadable...)
			if len(d.Doubts) > 0 {
				findings = append(findings, rule.Violate(v, strings.Join(d.Doubts, "; "))...)
			}
		}
		return findings
	},
}

var resourcePolicyOwnAccount = rule.Rule{
	ID:       "resource-policy-own-account",
	Title:    "No key, secret, topic, queue, event bus or catalog admits another account",
	Why:      "The other account decides which of its principals get in, and its changes are not visible here.",
	Fix:      "Name principals and sources of this account only.",
	Sources:  "project; prowler kms_key_not_publicly_accessible",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    resourcePolicyTypes,
	Stack: func(s rule.Stack) []rule.Finding {
		ownAccounts := iampolicy.OwnAccounts(s)
		var findings []rule.Finding
		for _, r := range s.Of(resourcePolicyTypes...) {
			findings = append(findings, rule.On(r, iampolicy.ForbidOtherAccounts(r.Get("policy"), ownAccounts))...)
		}
		return findings
	},
}

var resourcePolicyServiceScoped = rule.Rule{
	ID:       "resource-policy-service-scoped",
	Title:    "A service uses a secret, topic, queue, event bus or catalog for this account only",
	Why:      "A service acts for all customers: without a condition another account may make it use your resource.",
	Fix:      "Give the statement a condition on aws:SourceAccount or aws:SourceArn; EventBridge supports none on topics.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Secret, aws.SecretPolicy, aws.Topic, aws.TopicPolicy, aws.Queue, aws.QueuePolicy, aws.GlueResourcePolicy, aws.EventBusPolicy},
	Resource: func(r rule.Resource) []rule.Finding {
		topic := r.Type == aws.Topic || r.Type == aws.TopicPolicy
		return iampolicy.Forbid(r.Get("policy"), func(s iampolicy.Statement) bool {
			return s.ServesAnyone() && (!topic || !publishesEvents(s))
		}, "lets a service act for any account")
	},
}

// publishesEvents reports whether a statement allows only EventBridge to publish. A condition would block its messages:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
func publishesEvents(s iampolicy.Statement) bool {
	return slices.Equal(s.Of("Service"), []string{"events.amazonaws.com"}) && len(s.Principal) == 1 &&
		!slices.ContainsFunc(s.Action, func(a string) bool { return !strings.EqualFold(a, "sns:Publish") }) && len(s.NotAction) == 0
}
