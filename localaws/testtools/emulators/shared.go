// Package emulators lets the tests of a package share an emulator.
package emulators

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/ministack"
	"localaws/testtools"
)

// Region is the region of shared emulators.
const Region = "us-east-1"

// Shared is an emulator that starts on the first call of Get. Tests must use different resource names.
type Shared struct {
	mu       sync.Mutex
	emulator *ministack.Emulator
	dir      string
}

// Main runs the tests of a package and stops the emulator. It is for TestMain.
func (s *Shared) Main(m *testing.M) (status int) {
	status = m.Run()
	if s.emulator == nil {
		return status
	}
	if err := s.emulator.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	_ = os.RemoveAll(s.dir) // Leftover files do no harm.
	return status
}

// Get returns the emulator, and starts it on the first call.
func (s *Shared) Get(t testing.TB) *ministack.Emulator {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.emulator == nil {
		dir, err := os.MkdirTemp("", "emulator-") //nolint:usetesting // The emulator outlives this test.
		require.NoError(t, err)
		s.dir = dir
		s.emulator, err = ministack.Start(context.Background(), ministack.Options{
			Command: testtools.Ministack(t), StateDir: dir, GatewayURL: "http://127.0.0.1:1", Region: Region,
		})
		require.NoError(t, err)
	}
	return s.emulator
}
