package reachability

import (
	"fmt"
	"slices"
	"strings"
)

// GlueConnection checks the network of a connection as Glue does before a run: the subnet needs an S3 endpoint or a NAT
// gateway, and the workers must reach each other on all ports. It returns Glue's error message and the missing
// configuration, or "".
// https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html
func (n *Network) GlueConnection(w Workload) (string, Missing) {
	for _, id := range w.Subnets {
		s := n.subnet(id)
		table := n.table(s)
		s3 := n.find(func(e Endpoint) bool {
			return e.VPC == s.VPC && e.Service == "s3" && (!e.Gateway || slices.Contains(e.Tables, table.ID))
		})
		if missing := n.checkInternet(s, table, "s3"); s3 == nil && missing != nil {
			return fmt.Sprintf("VPC S3 endpoint validation failed for SubnetId: %s. VPC: %s. Reason: Could not find S3 endpoint or NAT gateway for subnetId: %[1]s in Vpc %[2]s", s.ID, s.VPC), *missing
		}
		groups := n.groups(w.Groups, s.VPC)
		for _, direction := range []struct {
			name   string
			egress bool
		}{{"ingress", false}, {"egress", true}} {
			if !n.amongWorkers(groups, direction.egress, s) {
				return fmt.Sprintf("At least one security group must open all %s ports.", direction.name),
					Missing{"rule", fmt.Sprintf("an %s rule of security group %s for all TCP ports between its members", direction.name, strings.Join(groups, " or "))}
			}
		}
	}
	return "", Missing{}
}

func (n *Network) amongWorkers(groups []string, egress bool, s Subnet) bool {
	workers := peer{groups: groups, blocks: []string{s.CIDR}}
	return slices.ContainsFunc(n.Rules, func(r Rule) bool {
		return r.Egress == egress && slices.Contains(groups, r.Group) && r.covers(0, 65535) && r.isFor(workers)
	})
}
