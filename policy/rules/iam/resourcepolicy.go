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
	Title:    "Policy documents contain each element once, as spelled in the IAM grammar",
	Why:      "If an element occurs twice or in a different case, AWS may apply another one than a reviewer expects.",
	Fix:      "Write each element once, as spelled in the IAM grammar, and set Effect to Allow or Deny.",
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
	Title:    "Policies of keys, secrets, topics, queues, event buses and the catalog grant other accounts no access",
	Why:      "The other account decides which of its principals have access, and its changes are not visible here.",
	Fix:      "Use only principals and sources of this account.",
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
	Title:    "Policies of secrets, topics, queues, event buses and the catalog let AWS services act only for this account",
	Why:      "A service acts for all AWS customers: without a condition, another account may make it use your resource.",
	Fix:      "Add a condition on aws:SourceAccount or aws:SourceArn to the statement; EventBridge supports neither on topics.",
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
