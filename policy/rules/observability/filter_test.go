package observability

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilterAdmits(t *testing.T) {
	for text, want := range map[string]bool{
		`["FAILED"]`:                                   true,
		`["TIMEOUT"]`:                                  false,
		`[]`:                                           false,
		`["TIMEOUT", "FAILED"]`:                        true,
		`[{"prefix": "FAIL"}]`:                         true,
		`[{"prefix": "TIME"}]`:                         false,
		`[{"prefix": ""}]`:                             true,
		`[{"suffix": "ED"}]`:                           true,
		`[{"suffix": "OUT"}]`:                          false,
		`[{"equals-ignore-case": "failed"}]`:           true,
		`[{"equals-ignore-case": "error"}]`:            false,
		`[{"wildcard": "F*D"}]`:                        true,
		`[{"wildcard": "T*"}]`:                         false,
		`[{"wildcard": "*"}]`:                          true,
		`[{"wildcard": "*L*"}]`:                        true,
		`[{"wildcard": "F*L"}]`:                        false,
		`[{"wildcard": "AIL*"}]`:                       false,
		`[{"wildcard": "FAILED?"}]`:                    false,
		`[{"wildcard": "FAIL?D"}]`:                     false,
		`[{"wildcard": "FA.*"}]`:                       false,
		`[{"wildcard": "failed"}]`:                     false,
		`[{"exists": true}]`:                           true,
		`[{"exists": false}]`:                          false,
		`[{"anything-but": "SUCCEEDED"}]`:              true,
		`[{"anything-but": "FAILED"}]`:                 false,
		`[{"anything-but": ["FAILED", "STOPPED"]}]`:    false,
		`[{"anything-but": ["SUCCEEDED", "STOPPED"]}]`: true,
		`[{"anything-but": {"prefix": "FAIL"}}]`:       false,
		`[{"anything-but": {"prefix": "SUCC"}}]`:       true,
		`[{"numeric": [">", 0]}]`:                      false,
		`[null, 1]`:                                    false,
		`[{}]`:                                         false,
	} {
		var f filter
		require.NoError(t, json.Unmarshal([]byte(text), &f))
		require.Equal(t, want, f.admits("FAILED"), text)
	}
}
