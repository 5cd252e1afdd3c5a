package pack

import (
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// ledger keeps what the program declares for each resource until the whole stack is judged. The engine shows stack
// rules only the outputs of a resource, in which everything that the provider computes is unknown at preview, and so
// is a property that the program leaves out. The engine may judge several resources at once.
type ledger struct {
	mu       sync.Mutex
	declared map[string]property.Map
}

func newLedger() *ledger { return &ledger{declared: map[string]property.Map{}} }

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
