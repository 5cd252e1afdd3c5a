package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A block of /28 has 11 addresses, and one of /27 has 27.
func TestAppSubnetsFitTheJob(t *testing.T) {
	blocks := func(first, second string) string { return `["10.10.10.0/` + first + `","10.10.11.0/` + second + `"]` }
	byNat := func(cidrs, workers string) Map {
		return Map{"appSubnetCidrs": cidrs, "jobWorkers": workers, "natGateways": "1", "interfaceEndpoints": "false"}
	}
	takes(t, Map{"appSubnetCidrs": blocks("27", "27"), "jobWorkers": "15", "databaseInstanceClass": "db.t4g.large"})
	takes(t, Map{"appSubnetCidrs": blocks("27", "28")})
	takes(t, byNat(blocks("28", "28"), "7"))
	takes(t, inVpc(Map{"jobWorkers": "3"}))
	for problem, given := range map[string]Map{
		`appSubnetCidrs: "10.10.10.0/28" is not allowed: use a larger CIDR block: this one has 11 addresses, and 8 workers of the job, the consumer, 0 interface endpoints and the rotation function need up to 12`:  byNat(blocks("28", "28"), "8"),
		`appSubnetCidrs: "10.10.10.0/27" is not allowed: use a larger CIDR block: this one has 27 addresses, and 16 workers of the job, the consumer, 8 interface endpoints and the rotation function need up to 28`: {"appSubnetCidrs": blocks("27", "27"), "jobWorkers": "16", "databaseInstanceClass": "db.t4g.large"},
		`appSubnetCidrs: "10.10.10.0/29" is not allowed: use a CIDR block of /16 to /28`: {"appSubnetCidrs": blocks("29", "24")},
		`appSubnetCidrs: "10.10.10.0" is not allowed: use an IPv4 CIDR block`:            {"appSubnetCidrs": `["10.10.10.0","10.10.11.0/24"]`},
		"jobWorkers: \"many\" is not allowed":                                            byNat(blocks("28", "28"), "many"),
	} {
		_, err := Load("dev", given)
		require.ErrorContains(t, err, "store-events:"+problem)
		require.Len(t, problems(t, err), 1, problem)
	}
}
