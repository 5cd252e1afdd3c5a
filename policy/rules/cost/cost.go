// Package cost has the rule for what a stack costs while idle.
package cost

import (
	"fmt"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

// Rules returns the rules of this package.
func Rules() []rule.Rule { return []rule.Rule{withinBudget} }

// largest is how many items a finding names.
const largest = 5

var withinBudget = rule.Rule{
	ID:       "cost-within-budget",
	Title:    "The stack's monthly cost while idle is within the budget",
	Why:      "Idle resources cost money around the clock, and show on the bill weeks later.",
	Fix:      "Choose smaller classes, fewer endpoints and zones, or rarer runs; or raise monthlyUSD of this rule in the pack's configuration.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Options: []rule.Option{
		rule.Integer("monthlyUSD", "limit of the stack's monthly cost while idle, in USD; 0 means no limit", 0, 1e6, func(s *rule.Settings) *float64 { return &s.MonthlyUSD }),
	},
	Stack: func(s rule.Stack) []rule.Finding {
		if s.Settings.MonthlyUSD == 0 {
			return nil // No budget: a local stack is not billed.
		}
		estimate := Of(s)
		if total := estimate.Total(); total > s.Settings.MonthlyUSD {
			return s.Each(aws.Stack, func(stack rule.Resource) []rule.Finding {
				return rule.Violate(stack.Get(), estimate.excess(s.Settings.MonthlyUSD))
			})
		}
		return estimate.Undecided
	},
}

func (e Estimate) excess(budget float64) string {
	var items []string
	for i, item := range e.Items {
		if i == largest {
			break
		}
		items = append(items, fmt.Sprintf("%s %.2f", item.Name, item.USD))
	}
	return fmt.Sprintf("about %.0f USD a month idle at list prices of us-east-1 of %s, of %.0f USD; the largest items: %s",
		e.Total(), e.Date.Format("2006-01-02"), budget, strings.Join(items, ", "))
}
