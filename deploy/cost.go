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

// Cost is the monthly cost of the planned resources while idle, as estimated by the
// policy cost-within-budget.
type Cost struct {
	// MonthlyUSD is the sum of the items, at list prices of us-east-1 of PricesOf.
	MonthlyUSD float64     `json:"monthly_usd"`
	PricesOf   string      `json:"prices_of"`
	Items      []cost.Item `json:"items"`
	// Unpriced lists items with unknown prices, which the sum omits.
	Unpriced []string `json:"unpriced,omitempty"`
}

// CostOf estimates the cost of resources; nil for none.
func CostOf(resources []rule.Resource) *Cost {
	p := plan{resources: resources}
	return p.cost()
}

// plan collects the resources that exist after the update, to estimate their cost.
type plan struct {
	resources []rule.Resource
	unread    error
}

func (p *plan) add(m apitype.StepEventMetadata) {
	// A replacement has more than one step for its new resource.
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

// cost estimates the cost of the plan; nil for an empty plan.
func (p *plan) cost() *Cost {
	if len(p.resources) == 0 && p.unread == nil {
		return nil
	}
	estimate := cost.Of(rule.Stack{Resources: p.resources})
	c := &Cost{MonthlyUSD: estimate.Total(), PricesOf: estimate.Date.Format("2006-01-02"), Items: append([]cost.Item{}, estimate.Items...)}
	for _, f := range estimate.Undecided {
		c.Unpriced = append(c.Unpriced, urn.URN(f.URN).Name()+": "+f.Message)
	}
	if p.unread != nil {
		c.Unpriced = append(c.Unpriced, p.unread.Error())
	}
	return c
}
