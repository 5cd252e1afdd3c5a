package glue

import (
	"slices"
	"testing"

	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestRules(t *testing.T) {
	Run(t, Rules(), slices.Concat(connectionCases(), encryptionCases(), jobCases(), jobStackCases(), catalogCases()))
}
