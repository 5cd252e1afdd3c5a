package pack

import (
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// ledger keeps what is known of each resource until the whole stack is judged. The engine may judge several at once.
type ledger struct {
	mu sync.Mutex
	// declared are the inputs. The engine shows stack rules only the outputs of a resource, in which everything that the
	// provider computes is unknown at preview, and so is a property that the program leaves out.
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

// keep notes what was told of a resource, in place of what was told of it before; an empty URN stands for the stack.
func (l *ledger) keep(urn string, reports []Report) []Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reports[urn] = reports
	return reports
}

// told returns the number of resources judged, and everything that was told.
func (l *ledger) told() (int, []Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Report
	for _, reports := range l.reports {
		all = slices.Concat(all, reports)
	}
	return len(l.declared), all
}

// countFixed notes how many remediations a resource had.
func (l *ledger) countFixed(urn string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remediates[urn] = n
}

// remediations counts them all.
func (l *ledger) remediations() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	total := 0
	for _, n := range l.remediates {
		total += n
	}
	return total
}
