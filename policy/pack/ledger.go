package pack

import (
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/rule"
)

// entry is a finding that is not a violation.
type entry struct {
	rule    rule.Rule
	finding rule.Finding
}

// ledger carries from one policy of a run to a later one. The engine may judge several resources at once.
type ledger struct {
	mu       sync.Mutex
	declared map[string]property.Map
	entries  map[string][]entry
}

func newLedger() *ledger {
	return &ledger{declared: map[string]property.Map{}, entries: map[string][]entry{}}
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

// add notes an entry for the resource judged; an empty URN stands for the stack.
func (l *ledger) add(urn string, e entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries[urn] = append(l.entries[urn], e)
}

// take removes and gives the entries of a kind.
func (l *ledger) take(urn string, kind rule.Kind) []entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	var taken, left []entry
	for _, e := range l.entries[urn] {
		if e.finding.Kind == kind {
			taken = append(taken, e)
		} else {
			left = append(left, e)
		}
	}
	l.entries[urn] = left
	return taken
}
