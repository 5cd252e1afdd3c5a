package authz

import (
	"os"
	"testing"

	"localaws/testtools/emulators"
)

var shared emulators.Shared

func TestMain(m *testing.M) { os.Exit(shared.Main(m)) }
