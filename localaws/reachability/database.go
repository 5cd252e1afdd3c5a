package reachability

import "fmt"

// Database returns the missing configuration if a workload cannot reach a database, or nil. Routes within a VPC always
// exist, so only security groups matter.
func (n *Network) Database(w Workload, d Database) *Missing {
	if len(w.Subnets) == 0 {
		return &Missing{"route", "a place in the VPC of database " + d.Name + ": the workload is outside every VPC"}
	}
	vpc := ""
	if len(d.Subnets) > 0 {
		vpc = n.subnet(d.Subnets[0]).VPC
	}
	to := peer{name: "database " + d.Name, groups: n.groups(d.Groups, vpc), blocks: n.blocks(d.Subnets)}
	for _, id := range w.Subnets {
		s := n.subnet(id)
		if vpc != "" && s.VPC != vpc {
			return &Missing{"route", fmt.Sprintf("a route from VPC %s to VPC %s of database %s", s.VPC, vpc, d.Name)}
		}
		from := peer{name: "the workload", groups: n.groups(w.Groups, s.VPC), blocks: []string{s.CIDR}}
		if missing := n.checkRules(from, to, d.Port); missing != nil {
			return missing
		}
	}
	return nil
}
