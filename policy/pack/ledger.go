package pack

import (
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// ledger keeps each resource until the stack rules run. It is safe for concurrent use, because the engine may
// check several resources at once.
type ledger struct {
	mu sync.Mutex
	// declared holds the inputs. The engine passes only outputs to stack rules, and at preview an output is unknown
	// both if the provider computes it and if the program omits it.
	declared   map[string]property.Map
	reports    map[string][]Report
	remediates map[string]int
}

func newLedger() *ledger {
	return &ledger{declared: map[string]property.Map{}, reports: map[string][]Report{}, remediates: map[string]int{}}
}

func (l *ledger) record(urn string, inputs property.Map) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.declared[urn] = inputs
}

func (l *ledger) inputs(urn string) (property.Map, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	inputs, ok := l.declared[urn]
	return inputs, ok
}

// keep records the reports for a resource, replacing earlier ones; an empty URN means the stack.
func (l *ledger) keep(urn string, reports []Report) []Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reports[urn] = reports
	return reports
}

// told returns the number of resources checked, and all reports.
func (l *ledger) told() (int, []Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Report
	for _, reports := range l.reports {
		all = slices.Concat(all, reports)
	}
	return len(l.declared), all
}

// countFixed records the number of remediations of a resource.
func (l *ledger) countFixed(urn string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remediates[urn] = n
}

// remediations returns the total.
func (l *ledger) remediations() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	total := 0
	for _, n := range l.remediates {
		total += n
	}
	return total
}
