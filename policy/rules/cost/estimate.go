package cost

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"store-events/policy/price"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// Estimate is the monthly cost of an idle stack at list prices.
type Estimate struct {
	// Date is the date of the prices.
	Date time.Time
	// Items are sorted by cost, the most expensive first.
	Items []Item
	// Undecided lists resources without a price, which Items omits.
	Undecided []rule.Finding
}

// Item is one billed item.
type Item struct {
	// Group is the kind of item, and Name the resource.
	Group string `json:"group"`
	Name  string `json:"name"`
	// What describes the size; empty if all resources of the kind have the same price.
	What string `json:"what,omitempty"`
	// USD is the monthly cost.
	USD float64 `json:"usd"`
}

// Total is the sum of all items, in USD a month.
func (e Estimate) Total() (total float64) {
	for _, item := range e.Items {
		total += item.USD
	}
	return total
}

// Of estimates a stack.
func Of(s rule.Stack) Estimate {
	table, err := price.Load()
	if err != nil {
		return Estimate{Undecided: []rule.Finding{{Kind: rule.Failed, Message: err.Error()}}}
	}
	e := &estimator{stack: s, table: table}
	for _, r := range s.Resources {
		e.add(r)
	}
	slices.SortStableFunc(e.items, func(a, b Item) int { return cmp.Or(cmp.Compare(b.USD, a.USD), cmp.Compare(a.Name, b.Name)) })
	return Estimate{Date: table.Date, Items: e.items, Undecided: e.undecided}
}

type estimator struct {
	stack     rule.Stack
	table     price.Table
	items     []Item
	undecided []rule.Finding
	// of is the resource being priced.
	of rule.Resource
}

// add prices a resource. Resources of unknown types are undecided, not free.
func (e *estimator) add(r rule.Resource) {
	e.of = r
	priceIt, priced := priced[r.Type]
	switch {
	case priced:
		priceIt(e, r)
	case strings.HasPrefix(r.Type, "aws:") && free[r.Type] == "":
		e.doubt(rule.Undecidable(r.Get(), "the price of "+r.Type+" is not known"))
	}
}

// charge adds quantity times the monthly price of an item. Hourly prices are multiplied by the hours of a
// month.
func (e *estimator) charge(group, what, item string, at value.Value, quantity float64) {
	p, known := e.table.Of(item)
	if !known {
		e.doubt(rule.Undecidable(at, "it is not in the price list"))
		return
	}
	e.items = append(e.items, Item{Group: group, Name: e.of.Name, What: what, USD: p.Monthly() * quantity})
}

func (e *estimator) doubt(findings []rule.Finding) {
	e.undecided = append(e.undecided, rule.On(e.of, findings)...)
}

// number reads a quantity. If it is unreadable, it adds a doubt and returns false.
func (e *estimator) number(v value.Value) (float64, bool) {
	n, err := v.Number()
	e.doubt(rule.Unreadable(err))
	return n, err == nil
}

func (e *estimator) text(v value.Value) (string, bool) {
	text, err := v.Text()
	e.doubt(rule.Unreadable(err))
	return text, err == nil
}
