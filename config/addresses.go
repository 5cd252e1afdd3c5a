package config

import (
	"fmt"
	"net/netip"
)

const (
	// spareAddresses are for the consumer and the functions, twice while they are replaced.
	spareAddresses = 4
	// reservedAddresses are AWS's in each subnet:
	// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
	reservedAddresses = 5
)

// JobAddresses are the addresses of the first app subnet that a run of the job takes, one
// for each worker, with those of what runs beside it:
// https://docs.aws.amazon.com/glue/latest/dg/start-connecting.html
func JobAddresses(workers int) int { return workers + spareAddresses }

// enoughAddresses refuses an app subnet without room for the interface endpoints, the
// consumer and the functions, and in the first one for the job's workers.
func enoughAddresses(k *check, n Network, e Etl) {
	if n.Existing() || !k.read("appSubnetCidrs", "jobWorkers", "interfaceEndpoints") {
		return // Preflight looks at existing subnets.
	}
	endpoints := 0
	if n.InterfaceEndpoints {
		endpoints = len(EndpointServices())
	}
	for i, text := range n.AppSubnetCidrs {
		p, err := netip.ParsePrefix(text)
		if err != nil || !p.Addr().Is4() || p.Bits() < largest || p.Bits() > smallest {
			continue // Refused for itself.
		}
		workers := 0
		if i == 0 {
			workers = e.Workers
		}
		has, needed := 1<<(32-p.Bits())-reservedAddresses, JobAddresses(workers)+endpoints
		if has < needed {
			k.refuse("appSubnetCidrs", text, fmt.Sprintf(
				"a larger block: this one has %d addresses, and %d workers of the job, %d interface endpoints, the consumer and the functions take up to %d", has, workers, endpoints, needed))
		}
	}
}
