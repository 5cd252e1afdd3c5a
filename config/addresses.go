package config

import (
	"fmt"
	"net/netip"
)

const (
	// perWorkload is how many addresses the consumer or the rotation function uses, doubled for its replacement.
	perWorkload = 2
	// reservedAddresses is how many addresses AWS reserves in each subnet:
	// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
	reservedAddresses = 5
)

// JobAddresses returns how many addresses of the first app subnet are in use during a run:
// one per worker, and those of the consumer and the rotation function:
// https://docs.aws.amazon.com/glue/latest/dg/start-connecting.html
func JobAddresses(workers int) int { return workers + 2*perWorkload }

// enoughAddresses refuses an app subnet that is too small for the interface endpoints and the
// rotation function or, in the first subnet, also for the job's workers and the consumer.
func enoughAddresses(k *check, n Network, e Etl) {
	if n.Existing() || !k.read("appSubnetCidrs", "jobWorkers", "interfaceEndpoints") {
		return // Preflight checks existing subnets.
	}
	endpoints := 0
	if n.InterfaceEndpoints {
		endpoints = len(EndpointServices())
	}
	for i, text := range n.AppSubnetCidrs {
		p, err := netip.ParsePrefix(text)
		if err != nil || !p.Addr().Is4() || p.Bits() < largest || p.Bits() > smallest {
			continue // Another check refuses it.
		}
		needed, by := perWorkload+endpoints, fmt.Sprintf("%d interface endpoints and the rotation function", endpoints)
		if i == 0 {
			needed, by = JobAddresses(e.Workers)+endpoints, fmt.Sprintf("%d workers of the job, the consumer, ", e.Workers)+by
		}
		if has := 1<<(32-p.Bits()) - reservedAddresses; has < needed {
			k.refuse("appSubnetCidrs", text, fmt.Sprintf("a larger CIDR block: this one has %d addresses, and %s need up to %d", has, by, needed))
		}
	}
}
