package general

import (
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var statefulProtected = rule.Rule{
	ID:       "stateful-resources-protected",
	Title:    "Databases, buckets, secrets and KMS keys use Pulumi's protect option",
	Why:      "Replacing a data store deletes its data, and is easy to miss in a long preview.",
	Fix:      "Register the resource with pulumi.Protect(true).",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.ProdOnly,
	Types:    []string{aws.DBInstance, aws.Bucket, aws.Key, aws.Secret},
	Resource: func(r rule.Resource) []rule.Finding {
		// The engine passes the option protect to policies, but not retainOnDelete.
		if r.Protected {
			return nil
		}
		findings := rule.Violate(r.Get(), "the resource is not protected")
		if r.Type == aws.Key {
			return rule.Notes(findings) // Another rule requires a waiting period before a key is deleted.
		}
		return findings
	},
}

var allowedTypesOnly = rule.Rule{
	ID:       "allowed-types-only",
	Title:    "The stack contains only resource types that the pack checks or allows",
	Why:      "A resource that no rule checks may grant access, store data or open a path to the internet unnoticed.",
	Fix:      "Use a type that the pack has rules for, or review the type and add it to policy/aws/types.tsv.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.StrictInProd,
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, r := range s.Resources {
			if !r.Component && aws.ClassOf(r.Type) == aws.Refused {
				findings = append(findings, rule.On(r, rule.Violate(r.Get(), "the pack has no rules for this resource type and does not allow it"))...)
			}
		}
		return findings
	},
}

var budgetPresent = rule.Rule{
	ID:       "budget-present",
	Title:    "The stack has a monthly budget with a notification",
	Why:      "Otherwise an expensive mistake appears only on the bill.",
	Fix:      "Add a budgets.Budget with LimitAmount, TimeUnit MONTHLY and a notification with a subscriber.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Stack, aws.Budget},
	Stack: func(s rule.Stack) []rule.Finding {
		if s.Settings.Environment == rule.Local || elsewhere(s) {
			return nil // AWS does not bill it.
		}
		budgets := s.Of(aws.Budget)
		if len(budgets) == 0 {
			return s.Each(aws.Stack, func(stack rule.Resource) []rule.Finding {
				return rule.Violate(stack.Get(), "the stack has no budget")
			})
		}
		return s.Each(aws.Budget, func(b rule.Resource) []rule.Finding {
			return rule.All(
				rule.RequireGiven(b.Get("limitAmount"), "the budget has no limit"),
				rule.Require(b.Get("timeUnit"), matcher.OneOf("MONTHLY"), "the budget is not monthly"),
				rule.Any(b.Get("notifications"), notifiesSomebody, "no notification has a threshold and a subscriber"),
			)
		})
	},
}

// elsewhere reports whether all resources of a stack belong to other clouds.
func elsewhere(s rule.Stack) bool {
	other := false
	for _, r := range s.Resources {
		provider, _, _ := strings.Cut(r.Type, ":")
		if strings.HasPrefix(provider, "aws") {
			return false
		}
		other = other || provider != "pulumi"
	}
	return other
}

func notifiesSomebody(notification value.Value) (bool, error) {
	silent, err := matcher.AllOf(matcher.At("subscriberEmailAddresses", matcher.Empty), matcher.At("subscriberSnsTopicArns", matcher.Empty))(notification)
	if silent || err != nil {
		return false, err
	}
	return matcher.At("threshold", matcher.AtLeast(0))(notification)
}
