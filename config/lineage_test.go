package config

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLineageNeedsEgress(t *testing.T) {
	const url, key = "https://lineage.example.com/api/v1/lineage", "arn:aws:secretsmanager:us-east-1:123456789012:secret:lineage-key-AbCdEf"
	for want, settings := range map[string]Map{
		"":                                      {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": url, "lineageSecretArn": key},
		"no value, because lineageUrl is empty": {"lineageSecretArn": key},
		"lineageSecretArn: \"arn:aws:secretsmanager:us-east-1:123456789012:secret:lineage-key\" is not allowed: use the full ARN": {
			"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": url, "lineageSecretArn": strings.TrimSuffix(key, "-AbCdEf"),
		},
		"is not allowed: use no value, because the job can reach AWS only": {"natGateways": "1", "interfaceEndpoints": "true", "lineageUrl": url},
		"an HTTPS URL on port 443":                    {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": "http://lineage.example.com"},
		"without user and fragment":                   {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": "https://me:secret@lineage.example.com"},
		"lineageUrl: \"https:///api\" is not allowed": {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": "https:///api"},
		"lineageSecretArn: \"arn:aws:secretsmanager:us-east-1:123456789012:secret:lineage-key-AbCdEf\" is not allowed: use no value": {"lineageSecretArn": key},
		"no value, because the job can reach AWS only": inVpc(Map{"lineageUrl": url, "endpointGroupId": "sg-0123456789abcdef0"}),
		"HTTPS URL on port 443, without user":          {"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": "https://lineage.example.com:5000"},
	} {
		_, err := Load("dev", settings)
		if want == "" {
			require.NoError(t, err)
			continue
		}
		require.ErrorContains(t, err, want)
	}
	takes(t, inVpc(Map{"lineageUrl": url}))
	takes(t, Map{"natGateways": "1", "interfaceEndpoints": "false", "lineageUrl": "https://lineage.example.com:443/api"})
	_, err := Load("dev", Map{"natGateways": "1", "natInstance": "true"})
	require.ErrorContains(t, err, "store-events:natInstance: true is not allowed: use false, or set natGateways to 0")
}
