package jobs

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

// shared is one emulator for all tests of the package.
var shared struct {
	sync.Mutex
	*ministack.Emulator
	dir string
}

func TestMain(m *testing.M) {
	code := m.Run()
	if shared.Emulator != nil {
		if err := shared.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
		_ = os.RemoveAll(shared.dir)
	}
	os.Exit(code)
}

func theEmulator(t *testing.T) *ministack.Emulator {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.Emulator == nil {
		dir, err := os.MkdirTemp("", "jobs-test-") //nolint:usetesting // outlives this test
		require.NoError(t, err)
		shared.dir = dir
		shared.Emulator, err = ministack.Start(context.Background(), ministack.Options{
			Command: testtools.Ministack(t), StateDir: dir, Region: "us-east-1",
		})
		require.NoError(t, err)
	}
	return shared.Emulator
}
