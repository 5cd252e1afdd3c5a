package reachability

import (
	"fmt"
	"slices"
	"strings"
)

const https = 443

// API returns the ID of the endpoint through which a workload reaches a service, empty for a NAT gateway or instance,
// or the missing network configuration. The service has its name in endpoints. A function can run in any of its
// subnets, so each needs a path.
func (n *Network) API(w Workload, service string) (endpoint string, missing *Missing) {
	for _, id := range w.Subnets {
		if endpoint, missing = n.api(n.subnet(id), w, service); missing != nil {
			return "", missing
		}
	}
	return endpoint, nil
}

func (n *Network) api(s Subnet, w Workload, service string) (string, *Missing) {
	from := peer{name: "the workload", groups: n.groups(w.Groups, s.VPC), blocks: []string{s.CIDR}}
	// Private DNS applies to every subnet of the VPC, and a gateway's prefix list is more specific than a default
	// route.
	if e := n.find(func(e Endpoint) bool { return !e.Gateway && e.PrivateDNS && e.VPC == s.VPC && e.Service == service }); e != nil {
		to := peer{name: "endpoint " + e.ID + " for " + service, groups: n.groups(e.Groups, e.VPC), blocks: n.blocks(e.Subnets)}
		return e.ID, n.checkRules(from, to, https)
	}
	table := n.table(s)
	if e := n.find(func(e Endpoint) bool { return e.Gateway && e.Service == service && slices.Contains(e.Tables, table.ID) }); e != nil {
		to := peer{name: service + " through endpoint " + e.ID, prefixList: n.PrefixLists[service], blocks: []string{everywhere}}
		return e.ID, n.checkRules(from, to, https)
	}
	if missing := n.checkInternet(s, table, service); missing != nil {
		return "", missing
	}
	// A prefix list has the service's public addresses, so rules with it hold on any route.
	to := peer{name: service + " through the NAT gateway", prefixList: n.PrefixLists[service], blocks: []string{everywhere}}
	target := table.defaultTarget()
	if !isInstance(target) {
		return "", n.checkRules(from, to, https)
	}
	to.name = service + " through a NAT instance"
	if missing := n.checkRules(from, to, https); missing != nil {
		return "", missing
	}
	return "", n.checkNATInstance(n.instance(target), from, to)
}

func (n *Network) find(is func(Endpoint) bool) *Endpoint {
	if i := slices.IndexFunc(n.Endpoints, is); i >= 0 {
		return &n.Endpoints[i]
	}
	return nil
}

// checkInternet returns the missing configuration if a subnet cannot reach public addresses, or nil. The interfaces of
// functions and jobs have no public address, so they need a NAT gateway or NAT instance in a subnet with a route to an
// internet gateway:
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html
func (n *Network) checkInternet(s Subnet, table RouteTable, service string) *Missing {
	target := table.defaultTarget()
	switch {
	case target == "":
		return n.missingEndpoint(s, table, service)
	case strings.HasPrefix(target, "igw-"):
		return &Missing{"route", fmt.Sprintf("a route from subnet %s to a NAT gateway: table %s leads to internet gateway %s, and the interfaces of functions and jobs have no public address", s.ID, table.ID, target)}
	case isInstance(target):
		return n.checkForwarding(n.instance(target), s, table)
	case !strings.HasPrefix(target, "nat-"):
		return nil // The egress of other networks is not modeled.
	}
	i := slices.IndexFunc(n.NATs, func(g NAT) bool { return g.ID == target })
	if i < 0 {
		return &Missing{"route", fmt.Sprintf("NAT gateway %s, to which table %s of subnet %s leads", target, table.ID, s.ID)}
	}
	public := n.table(n.subnet(n.NATs[i].Subnet))
	if !strings.HasPrefix(public.defaultTarget(), "igw-") {
		return &Missing{"route", fmt.Sprintf("a route to an internet gateway in table %s, which NAT gateway %s is in", public.ID, target)}
	}
	return nil
}

func (t RouteTable) defaultTarget() string {
	for _, r := range t.Routes {
		if r.Destination == everywhere {
			return r.Target
		}
	}
	return ""
}

// missingEndpoint returns the missing part of an endpoint for the service, or the missing endpoint.
func (n *Network) missingEndpoint(s Subnet, table RouteTable, service string) *Missing {
	e := n.find(func(e Endpoint) bool { return e.VPC == s.VPC && e.Service == service })
	switch {
	case e != nil && e.Gateway:
		return &Missing{"endpoint", fmt.Sprintf("the association of endpoint %s for %s with route table %s of subnet %s", e.ID, service, table.ID, s.ID)}
	case e != nil:
		return &Missing{"endpoint", fmt.Sprintf("private DNS of endpoint %s for %s", e.ID, service)}
	default:
		return &Missing{"endpoint", fmt.Sprintf("an endpoint for %s in VPC %s, or a route to a NAT gateway in table %s of subnet %s", service, s.VPC, table.ID, s.ID)}
	}
}
