package deploy

import (
	"errors"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"store-events/policy/rule"
	"store-events/policy/rules/cost"
	"store-events/policy/state"
)

// Cost is what the planned resources cost in a month while idle, as the policy
// cost-within-budget estimates it.
type Cost struct {
	// MonthlyUSD is the sum of the items, at list prices of us-east-1 of PricesOf.
	MonthlyUSD float64    `json:"monthly_usd"`
	PricesOf   string     `json:"prices_of"`
	Items      []CostItem `json:"items"`
	// Unpriced says what is not in the sum, because its price is not known.
	Unpriced []string `json:"unpriced,omitempty"`
}

// CostItem is one billed item, USD a month.
type CostItem struct {
	Group string  `json:"group"`
	Name  string  `json:"name"`
	What  string  `json:"what,omitempty"`
	USD   float64 `json:"usd"`
}

// CostOf estimates what resources cost; nil for none.
func CostOf(resources []rule.Resource) *Cost {
	p := plan{resources: resources}
	return p.cost()
}

// plan are the resources that exist after the update, for their cost.
type plan struct {
	resources []rule.Resource
	unread    error
}

func (p *plan) add(m apitype.StepEventMetadata) {
	// A replacement announces its new resource more than once.
	known := func(r rule.Resource) bool { return r.URN == m.URN }
	if m.New == nil || m.Op == apitype.OpRefresh || slices.ContainsFunc(p.resources, known) {
		return
	}
	r, err := state.Planned(*m.New, urn.URN(m.URN).Name())
	p.unread = errors.Join(p.unread, err)
	if err == nil {
		r.URN = m.URN
		p.resources = append(p.resources, r)
	}
}

// cost estimates what the plan costs; nil for an empty plan.
func (p *plan) cost() *Cost {
	if len(p.resources) == 0 && p.unread == nil {
		return nil
	}
	estimate := cost.Of(rule.Stack{Resources: p.resources})
	c := &Cost{MonthlyUSD: estimate.Total(), PricesOf: estimate.Date.Format("2006-01-02"), Items: []CostItem{}}
	for _, item := range estimate.Items {
		c.Items = append(c.Items, CostItem(item))
	}
	for _, f := range estimate.Undecided {
		c.Unpriced = append(c.Unpriced, urn.URN(f.URN).Name()+": "+f.Message)
	}
	if p.unread != nil {
		c.Unpriced = append(c.Unpriced, p.unread.Error())
	}
	return c
}
