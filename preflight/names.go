package preflight

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// names finds names of the plan that are in use, except names that the provider
// generates with a random part.
func names(ctx context.Context, r *run) ([]Finding, error) {
	type named struct {
		lookup
		name string
	}
	var all []named
	for _, res := range r.plan.Resources {
		for _, l := range lookups {
			if name := res.text(l.input); l.kind == res.Type && name != "" {
				all = append(all, named{l, name})
			}
		}
	}
	found, failed := make([]*Finding, len(all)), make([]error, len(all))
	var g errgroup.Group
	g.SetLimit(atOnce)
	for i, a := range all {
		g.Go(func() error {
			found[i], failed[i] = a.taken(ctx, r, a.name)
			return nil
		})
	}
	_ = g.Wait() // Errors are in failed.
	var taken []Finding
	for _, f := range found {
		if f != nil {
			taken = append(taken, *f)
		}
	}
	if err := errors.Join(failed...); err != nil {
		return taken, err
	}
	if len(all) == 0 {
		return or(taken, "name-taken", "the stack creates no resource with a fixed name"), nil
	}
	return or(taken, "name-taken", fmt.Sprintf("%d names are free", len(all))), nil
}

func (l lookup) taken(ctx context.Context, r *run, name string) (*Finding, error) {
	there, err := l.exists(ctx, r, name)
	if l.kind == budget && denied(err) {
		return noBudgets(name, err), nil
	}
	if err != nil && !missing(err) {
		return nil, fmt.Errorf("%s %s: %w", l.what, name, err)
	}
	if err != nil || !there {
		return nil, nil //nolint:nilnil // nothing found
	}
	f := &Finding{ID: "name-taken", Status: Problem, What: fmt.Sprintf("%s %s exists already", l.what, name)}
	f.Do = "check whether another deployment uses this name; if none does: `" + fmt.Sprintf(l.remove, name) + "`"
	if l.setting != "" {
		f.Do += ", or choose another name with store-events:" + l.setting
	}
	return f, nil
}

const budget = "aws:budgets/budget:Budget"

// noBudgets returns the finding if no policy allows the caller to read budgets, or if the account refuses budgets
// regardless of policies, until its organization's payer has enabled them or its root user has given IAM users and roles
// access to billing. AWS's response is the same, and the update would fail.
// https://docs.aws.amazon.com/cost-management/latest/userguide/control-access-billing.html
func noBudgets(name string, err error) *Finding {
	return &Finding{
		ID: "budget", Status: Problem, What: fmt.Sprintf("no policy allows the caller to see budget %s, or the account has no budgets: %s", name, err),
		Do: "allow budgets:ViewBudget; if it is allowed, the account has no budgets: have the account's root user activate \"IAM user and role access to Billing information\", or the payer of its " +
			"organization enable budgets (a new account may have none for a day); or set store-events:monthlyBudgetUsd to 0, " +
			"and add an exception from the policy budget-present for the resource store-events-<stack>",
	}
}
