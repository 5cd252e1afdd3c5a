package event

// Tally counts events.
type Tally struct {
	Events, Incomplete, Sales, Inventory int
	// SalesCents is the sum over the sale events.
	SalesCents int64
}

// Count adds one event.
func (t *Tally) Count(e *Event) {
	t.Events++
	if e.Incomplete {
		t.Incomplete++
	}
	if e.Type != Sale {
		t.Inventory++
		return
	}
	t.Sales++
	t.SalesCents += e.SalesCents
}

// Add adds the counts of another tally.
func (t *Tally) Add(o Tally) {
	t.Events += o.Events
	t.Incomplete += o.Incomplete
	t.Sales += o.Sales
	t.Inventory += o.Inventory
	t.SalesCents += o.SalesCents
}
