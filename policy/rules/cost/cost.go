// Package cost contains the rule for the cost of an idle stack.
package cost

import (
	"fmt"
	"strconv"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

// Rules returns the rules of this package.
func Rules() []rule.Rule { return []rule.Rule{withinBudget} }

// largest is how many items a finding lists.
const largest = 5

var withinBudget = rule.Rule{
	ID:       "cost-within-budget",
	Title:    "The monthly cost of the idle stack is within the budget",
	Why:      "Idle resources cost money around the clock, but appear on the bill only weeks later.",
	Fix:      "Use smaller instance classes, fewer endpoints and availability zones, or fewer scheduled runs; or raise the stack's budget, or monthlyUSD if the pack's configuration sets it.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Options: []rule.Option{
		rule.Integer("monthlyUSD", "limit of the idle stack's monthly cost in USD; 0 means no limit", 0, 1e6, func(s *rule.Settings) *float64 { return &s.MonthlyUSD }),
	},
	Stack: func(s rule.Stack) []rule.Finding {
		limit := limitOf(s)
		if limit == 0 {
			return nil // No budget: a local stack is not billed.
		}
		estimate := Of(s)
		if total := estimate.Total(); total > limit {
			return s.Each(aws.Stack, func(stack rule.Resource) []rule.Finding {
				return rule.Violate(stack.Get(), estimate.excess(limit))
			})
		}
		return estimate.Undecided
	},
}

// limitOf returns the limit in the pack's configuration, else the stack's largest monthly
// budget, so that only one number must be set, else the default.
func limitOf(s rule.Stack) float64 {
	limit := s.Settings.MonthlyUSD
	if limit == 0 || limit != rule.DefaultSettings(s.Settings.Environment).MonthlyUSD {
		return limit
	}
	highest := 0.0
	for _, b := range s.Of(aws.Budget) {
		unit, err := b.Get("timeUnit").Text()
		if err != nil || unit != "MONTHLY" {
			continue
		}
		amount, err := b.Get("limitAmount").Text()
		if err != nil {
			continue // Unknown before the update, or missing, which budget-present reports.
		}
		if usd, err := strconv.ParseFloat(amount, 64); err == nil {
			highest = max(highest, usd)
		}
	}
	if highest > 0 {
		return highest
	}
	return limit
}

func (e Estimate) excess(budget float64) string {
	var items []string
	for i, item := range e.Items {
		if i == largest {
			break
		}
		items = append(items, fmt.Sprintf("%s %.2f", item.Name, item.USD))
	}
	return fmt.Sprintf("the idle stack costs about %.0f USD a month at us-east-1 list prices of %s; the budget is %.0f USD; the largest items: %s",
		e.Total(), e.Date.Format("2006-01-02"), budget, strings.Join(items, ", "))
}
