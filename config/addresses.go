package config

import (
	"fmt"
	"net/netip"
)

const (
	// perWorkload are the addresses of the consumer, and of the rotation's function: twice while it is replaced.
	perWorkload = 2
	// reservedAddresses are AWS's in each subnet:
	// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
	reservedAddresses = 5
)

// JobAddresses are the addresses of the first app subnet that a run of the job takes, one
// for each worker, and those of what runs at the same time:
// https://docs.aws.amazon.com/glue/latest/dg/start-connecting.html
func JobAddresses(workers int) int { return workers + 2*perWorkload }

// enoughAddresses refuses an app subnet without room for the interface endpoints and the
// function, and in the first one for the job's workers and the consumer.
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
		needed, by := perWorkload+endpoints, fmt.Sprintf("%d interface endpoints and the rotation's function", endpoints)
		if i == 0 {
			needed, by = JobAddresses(e.Workers)+endpoints, fmt.Sprintf("%d workers of the job, the consumer, ", e.Workers)+by
		}
		if has := 1<<(32-p.Bits()) - reservedAddresses; has < needed {
			k.refuse("appSubnetCidrs", text, fmt.Sprintf("a larger block: this one has %d addresses, and %s take up to %d", has, by, needed))
		}
	}
}
