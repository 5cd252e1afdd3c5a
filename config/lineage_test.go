package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLineageNeedsAWayOut(t *testing.T) {
	const url = "https://lineage.example.com/api/v1/lineage"
	for want, settings := range map[string]Map{
		"": {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": url},
		"is not allowed: use nothing, because the job can reach AWS only": {"natGateways": "1", "interfaceEndpoints": "true", "lineageUrl": url},
		"an https URL with port 443":                                      {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": "http://lineage.example.com"},
		"without a user":                                                  {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": "https://me:secret@lineage.example.com"},
		"https URL with port 443, without a":                              {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": "https://lineage.example.com:5000"},
	} {
		_, err := Load("dev", settings)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
	}
}
