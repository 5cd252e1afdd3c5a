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

// Estimate is what a stack costs a month while nobody uses it, at list prices.
type Estimate struct {
	// Date is that of the prices.
	Date time.Time
	// Items are in the order of what they cost, the dearest first.
	Items []Item
	// Undecided tells what could not be priced, and is not in the items.
	Undecided []rule.Finding
}

// Item is one thing that is paid for.
type Item struct {
	// Group is the kind of thing, and Name the resource.
	Group, Name string
	// What tells how large it is; empty where all are the same.
	What string
	// USD is what it costs a month.
	USD float64
}

// Total is the sum of all items, USD a month.
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
	// of is the resource that is being priced.
	of rule.Resource
}

// add prices a resource. What is of no type known here is not free but undecided.
func (e *estimator) add(r rule.Resource) {
	e.of = r
	priceIt, priced := priced[r.Type]
	switch {
	case priced:
		priceIt(e, r)
	case strings.HasPrefix(r.Type, "aws:") && free[r.Type] == "":
		e.doubt(rule.Undecidable(r.Get(), "what "+r.Type+" costs is not known"))
	}
}

// charge adds quantity times the price of an item. The quantity is for a month, in the unit of the price; hours are those
// of a whole month.
func (e *estimator) charge(group, what, item string, at value.Value, quantity float64) {
	p, known := e.table.Of(item)
	if !known {
		e.doubt(rule.Undecidable(at, "it is not in the list of prices"))
		return
	}
	e.items = append(e.items, Item{Group: group, Name: e.of.Name, What: what, USD: p.Monthly() * quantity})
}

func (e *estimator) doubt(findings []rule.Finding) {
	e.undecided = append(e.undecided, rule.On(e.of, findings)...)
}

// number reads a quantity; it is absent where it cannot be read, and then that is told.
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
