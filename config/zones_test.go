package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestChooseZones(t *testing.T) {
	for name, tc := range map[string]struct{ available, wanted, want []string }{
		"the first by name":          {[]string{"eu-west-1c", "eu-west-1a", "eu-west-1b"}, nil, []string{"eu-west-1a", "eu-west-1b"}},
		"one, if only one is needed": {[]string{"eu-west-1a", "eu-west-1b"}, []string{"eu-west-1b"}, []string{"eu-west-1b"}},
		"no more than two":           {[]string{"eu-west-1b", "eu-west-1a"}, nil, []string{"eu-west-1a", "eu-west-1b"}},
		"as configured":              {[]string{"eu-west-1a", "eu-west-1b", "eu-west-1c"}, []string{"eu-west-1c", "eu-west-1a"}, []string{"eu-west-1c", "eu-west-1a"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ChooseZones("eu-west-1", tc.available, tc.wanted)
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		})
	}
}

func TestMissingZones(t *testing.T) {
	_, err := ChooseZones("eu-west-1", []string{"eu-west-1a"}, nil)
	require.EqualError(t, err, "region eu-west-1 has 1 availability zones, 2 are needed: choose another aws:region")
	_, err = ChooseZones("eu-west-1", []string{"eu-west-1b", "eu-west-1a"}, []string{"eu-west-1a", "eu-west-1x"})
	require.Equal(t, Problem{
		Key: "availabilityZones", Value: `"eu-west-1x"`, Allowed: "2 of the zones of eu-west-1: eu-west-1a, eu-west-1b",
	}, err)
}

func TestEndpointServices(t *testing.T) {
	require.Equal(t, []string{"secretsmanager", "glue", "logs", "kms", "sts", "monitoring", "ssm", "ssmmessages"}, EndpointServices())
}

// The IDs are AWS's: https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html
func TestConstrainedZones(t *testing.T) {
	require.Equal(t, []string{"use1-az3", "usw1-az2", "cac1-az3"}, ConstrainedZones())
}
