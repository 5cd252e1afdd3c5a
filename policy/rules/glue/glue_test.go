package glue

import (
	"slices"
	"testing"

	. "store-events/policy/ruletest" //nolint:revive // The examples read as a small language.
)

func TestRules(t *testing.T) {
	Run(t, Rules(), slices.Concat(connectionCases(), encryptionCases(), jobCases(), jobStackCases(), catalogCases()))
}
