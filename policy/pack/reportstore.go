package pack

import (
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// reportStore stores each resource until the stack rules run. It is safe for concurrent use, because the engine may
// check several resources concurrently.
type reportStore struct {
	mu sync.Mutex
	// declared contains the inputs. The engine passes only outputs to stack rules, and in a preview outputs are unknown
	// whether the provider computes them or the program omits them.
	declared   map[string]property.Map
	reports    map[string][]Report
	remediates map[string]int
}

func newReportStore() *reportStore {
	return &reportStore{declared: map[string]property.Map{}, reports: map[string][]Report{}, remediates: map[string]int{}}
}

func (s *reportStore) record(urn string, inputs property.Map) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.declared[urn] = inputs
}

func (s *reportStore) inputs(urn string) (property.Map, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	inputs, ok := s.declared[urn]
	return inputs, ok
}

// keep stores the reports for a resource, replacing earlier ones; an empty URN means the stack.
func (s *reportStore) keep(urn string, reports []Report) []Report {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports[urn] = reports
	return reports
}

// all returns the number of resources checked, and all reports.
func (s *reportStore) all() (int, []Report) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var reports []Report
	for _, list := range s.reports {
		reports = slices.Concat(reports, list)
	}
	return len(s.declared), reports
}

// countFixed stores the number of remediations of a resource.
func (s *reportStore) countFixed(urn string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remediates[urn] = n
}

// remediations returns the total.
func (s *reportStore) remediations() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := 0
	for _, n := range s.remediates {
		total += n
	}
	return total
}
