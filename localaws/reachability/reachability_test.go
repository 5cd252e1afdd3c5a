package reachability_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/reachability"
)

// private returns a network without a NAT gateway: a workload in app, an S3 gateway
// endpoint, an interface endpoint for Secrets Manager and a database.
func private() *reachability.Network {
	tcp := func(group string, egress bool, port int, of reachability.Rule) reachability.Rule {
		of.Group, of.Egress, of.Protocol, of.From, of.To = group, egress, "tcp", port, port
		return of
	}
	return &reachability.Network{
		Subnets: []reachability.Subnet{{"subnet-app", "vpc-1", "10.0.1.0/24"}, {"subnet-db", "vpc-1", "10.0.2.0/24"}, {"subnet-public", "vpc-1", "10.0.3.0/24"}},
		Tables: []reachability.RouteTable{
			{ID: "rtb-main", VPC: "vpc-1", Main: true, Routes: []reachability.Route{{"10.0.0.0/16", "local"}}},
			{ID: "rtb-app", VPC: "vpc-1", Subnets: []string{"subnet-app"}, Routes: []reachability.Route{{"10.0.0.0/16", "local"}}},
			{ID: "rtb-public", VPC: "vpc-1", Subnets: []string{"subnet-public"}, Routes: []reachability.Route{{"0.0.0.0/0", "igw-1"}}},
		},
		Endpoints: []reachability.Endpoint{
			{ID: "vpce-s3", VPC: "vpc-1", Service: "s3", Gateway: true, Tables: []string{"rtb-app"}},
			{ID: "vpce-sm", VPC: "vpc-1", Service: "secretsmanager", PrivateDNS: true, Subnets: []string{"subnet-app"}, Groups: []string{"sg-e"}},
		},
		Rules: []reachability.Rule{
			tcp("sg-w", true, 443, reachability.Rule{PrefixList: "pl-s3"}),
			tcp("sg-w", true, 443, reachability.Rule{Peer: "sg-e"}),
			tcp("sg-e", false, 443, reachability.Rule{Peer: "sg-w"}),
			tcp("sg-w", true, 3306, reachability.Rule{Peer: "sg-db"}),
			tcp("sg-db", false, 3306, reachability.Rule{CIDR: "10.0.1.0/24"}),
			{Group: "sg-w", Egress: true, Protocol: "tcp", To: 65535, Peer: "sg-w"},
			{Group: "sg-w", Protocol: "-1", From: -1, To: -1, Peer: "sg-w"},
		},
		PrefixLists: map[string]string{"s3": "pl-s3"},
	}
}

// public returns a network with a NAT gateway in place of the endpoints.
func public() *reachability.Network {
	n := private()
	n.Endpoints = nil
	n.NATs = []reachability.NAT{{"nat-1", "subnet-public"}}
	n.Tables[1].Routes = append(n.Tables[1].Routes, reachability.Route{"0.0.0.0/0", "nat-1"})
	n.Rules = append(n.Rules, reachability.Rule{Group: "sg-w", Egress: true, Protocol: "6", From: 443, To: 443, CIDR: "0.0.0.0/0"})
	return n
}

// instance returns a network with a NAT instance in place of the gateway.
func instance() *reachability.Network {
	n := public()
	n.NATs, n.Tables[1].Routes[1].Target = nil, "eni-1"
	n.Instances = []reachability.Instance{{ID: "i-1", Interface: "eni-1", Subnet: "subnet-public", Groups: []string{"sg-nat"}, Running: true, Forwards: true, Public: true}}
	n.Rules = append(n.Rules,
		reachability.Rule{Group: "sg-nat", Protocol: "tcp", From: 443, To: 443, CIDR: "10.0.1.0/24"},
		reachability.Rule{Group: "sg-nat", Egress: true, Protocol: "tcp", From: 443, To: 443, CIDR: "0.0.0.0/0"})
	return n
}

var app = reachability.Workload{Subnets: []string{"subnet-app"}, Groups: []string{"sg-w"}}

func without(i int) func(*reachability.Network) {
	return func(n *reachability.Network) { n.Rules = slices.Delete(n.Rules, i, i+1) }
}

func TestAPI(t *testing.T) {
	for name, c := range map[string]struct {
		network  *reachability.Network
		change   func(*reachability.Network)
		service  string
		endpoint string
		missing  *reachability.Missing
	}{
		"gateway endpoint":                   {network: private(), service: "s3", endpoint: "vpce-s3"},
		"interface endpoint":                 {network: private(), service: "secretsmanager", endpoint: "vpce-sm"},
		"NAT gateway":                        {network: public(), service: "glue"},
		"NAT instance":                       {network: instance(), service: "glue"},
		"a route to the NAT instance itself": {network: instance(), service: "glue", change: func(n *reachability.Network) { n.Tables[1].Routes[1].Target = "i-1" }},
		"the NAT instance is gone": {network: instance(), service: "glue", change: func(n *reachability.Network) { n.Instances = nil },
			missing: &reachability.Missing{"route", "the instance of eni-1, to which table rtb-app of subnet subnet-app leads"}},
		"the NAT instance is stopped": {network: instance(), service: "glue", change: func(n *reachability.Network) { n.Instances[0].Running = false },
			missing: &reachability.Missing{"route", "instance i-1 in state running, to which table rtb-app of subnet subnet-app leads"}},
		"the NAT instance checks destinations": {network: instance(), service: "glue", change: func(n *reachability.Network) { n.Instances[0].Forwards = false },
			missing: &reachability.Missing{"route", "a source/destination check that is off at instance i-1, to which table rtb-app of subnet subnet-app leads"}},
		"the NAT instance has no public address": {network: instance(), service: "glue", change: func(n *reachability.Network) { n.Instances[0].Public = false },
			missing: &reachability.Missing{"route", "a public address of instance i-1, to which table rtb-app of subnet subnet-app leads"}},
		"the NAT instance is in a private subnet": {network: instance(), service: "glue", change: func(n *reachability.Network) { n.Instances[0].Subnet = "subnet-db" },
			missing: &reachability.Missing{"route", "a route to an internet gateway in table rtb-main, which instance i-1 is in"}},
		"the NAT instance has no ingress": {network: instance(), service: "glue", change: without(8), missing: &reachability.Missing{"rule",
			"an ingress rule of security group sg-nat for TCP port 443 from sg-w (the workload)"}},
		"the NAT instance has no egress": {network: instance(), service: "glue", change: without(9), missing: &reachability.Missing{"rule",
			"an egress rule of security group sg-nat for TCP port 443 to 0.0.0.0/0 (glue through a NAT instance)"}},
		"no endpoint": {network: private(), service: "glue", missing: &reachability.Missing{"endpoint",
			"an endpoint for glue in VPC vpc-1, or a route to a NAT gateway in table rtb-app of subnet subnet-app"}},
		"another table has the endpoint": {network: private(), service: "s3",
			change:  func(n *reachability.Network) { n.Endpoints[0].Tables = []string{"rtb-public"} },
			missing: &reachability.Missing{"endpoint", "the association of endpoint vpce-s3 for s3 with route table rtb-app of subnet subnet-app"}},
		"the main table has it": {network: private(), service: "s3", endpoint: "vpce-s3", change: func(n *reachability.Network) {
			n.Tables[1].Subnets, n.Endpoints[0].Tables = nil, []string{"rtb-main"}
		}},
		"no private DNS": {network: private(), service: "secretsmanager",
			change:  func(n *reachability.Network) { n.Endpoints[1].PrivateDNS = false },
			missing: &reachability.Missing{"endpoint", "private DNS of endpoint vpce-sm for secretsmanager"}},
		"an endpoint of another VPC": {network: private(), service: "secretsmanager",
			change: func(n *reachability.Network) { n.Endpoints[1].VPC = "vpc-2" }, missing: &reachability.Missing{"endpoint",
				"an endpoint for secretsmanager in VPC vpc-1, or a route to a NAT gateway in table rtb-app of subnet subnet-app"}},
		"no egress to S3": {network: private(), change: without(0), service: "s3", missing: &reachability.Missing{"rule",
			"an egress rule of security group sg-w for TCP port 443 to pl-s3 (s3 through endpoint vpce-s3)"}},
		"egress to everywhere includes S3": {network: private(), service: "s3", endpoint: "vpce-s3", change: func(n *reachability.Network) {
			n.Rules[0].PrefixList, n.Rules[0].CIDR = "", "0.0.0.0/0"
		}},
		"egress by UDP": {network: private(), service: "s3", change: func(n *reachability.Network) { n.Rules[0].Protocol = "udp" }, missing: &reachability.Missing{"rule",
			"an egress rule of security group sg-w for TCP port 443 to pl-s3 (s3 through endpoint vpce-s3)"}},
		"no egress to the endpoint": {network: private(), change: without(1), service: "secretsmanager", missing: &reachability.Missing{"rule",
			"an egress rule of security group sg-w for TCP port 443 to sg-e (endpoint vpce-sm for secretsmanager)"}},
		"no ingress of the endpoint": {network: private(), change: without(2), service: "secretsmanager", missing: &reachability.Missing{"rule",
			"an ingress rule of security group sg-e for TCP port 443 from sg-w (the workload)"}},
		"ingress from the VPC": {network: private(), service: "secretsmanager", endpoint: "vpce-sm", change: func(n *reachability.Network) {
			n.Rules[2].Peer, n.Rules[2].CIDR = "", "10.0.0.0/16"
		}},
		// The private name resolves to the endpoint, regardless of routes.
		"a closed endpoint and a NAT gateway": {network: public(), service: "secretsmanager", change: func(n *reachability.Network) {
			n.Endpoints, n.Rules = private().Endpoints, slices.Delete(n.Rules, 2, 3)
		}, missing: &reachability.Missing{"rule", "an ingress rule of security group sg-e for TCP port 443 from sg-w (the workload)"}},
		"default groups": {network: private(), service: "secretsmanager", endpoint: "vpce-sm", change: func(n *reachability.Network) {
			n.DefaultGroups = map[string]string{"vpc-1": "sg-e"}
			n.Endpoints[1].Groups = nil
		}},
		"a route to the internet gateway": {network: public(), service: "glue", change: func(n *reachability.Network) { n.Tables[1].Routes[1].Target = "igw-1" },
			missing: &reachability.Missing{"route", "a route from subnet subnet-app to a NAT gateway: table rtb-app leads to internet gateway igw-1, and the interfaces of functions and jobs have no public address"}},
		"the NAT gateway is gone": {network: public(), service: "glue", change: func(n *reachability.Network) { n.NATs = nil },
			missing: &reachability.Missing{"route", "NAT gateway nat-1, to which table rtb-app of subnet subnet-app leads"}},
		"the NAT gateway is in a private subnet": {network: public(), service: "glue", change: func(n *reachability.Network) { n.NATs[0].Subnet = "subnet-db" },
			missing: &reachability.Missing{"route", "a route to an internet gateway in table rtb-main, which NAT gateway nat-1 is in"}},
		"egress to S3 alone through the NAT gateway": {network: public(), service: "s3", change: without(7)},
		"egress to S3 alone does not include others": {network: public(), service: "glue", change: without(7), missing: &reachability.Missing{"rule",
			"an egress rule of security group sg-w for TCP port 443 to 0.0.0.0/0 (glue through the NAT gateway)"}},
		"no egress to the NAT gateway": {network: public(), service: "glue", change: func(n *reachability.Network) { n.Rules[len(n.Rules)-1].CIDR = "10.0.0.0/8" },
			missing: &reachability.Missing{"rule", "an egress rule of security group sg-w for TCP port 443 to 0.0.0.0/0 (glue through the NAT gateway)"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.change != nil {
				c.change(c.network)
			}
			endpoint, missing := c.network.API(app, c.service)
			require.Equal(t, c.missing, missing)
			require.Equal(t, c.endpoint, endpoint)
		})
	}
}

// A function runs in any of its subnets.
func TestEverySubnetNeedsARoute(t *testing.T) {
	both := reachability.Workload{Subnets: []string{"subnet-app", "subnet-db"}, Groups: app.Groups}
	_, missing := private().API(both, "s3")
	require.Equal(t, &reachability.Missing{"endpoint", "the association of endpoint vpce-s3 for s3 with route table rtb-main of subnet subnet-db"}, missing)
}

func TestDatabase(t *testing.T) {
	database := reachability.Database{Name: "db", Subnets: []string{"subnet-db"}, Groups: []string{"sg-db"}, Port: 3306}
	for name, c := range map[string]struct {
		change   func(*reachability.Network)
		workload reachability.Workload
		port     int
		missing  *reachability.Missing
	}{
		"reached": {workload: app, port: 3306},
		"another port": {workload: app, port: 3307, missing: &reachability.Missing{"rule",
			"an egress rule of security group sg-w for TCP port 3307 to sg-db (database db)"}},
		"no egress": {workload: app, port: 3306, change: without(3), missing: &reachability.Missing{"rule",
			"an egress rule of security group sg-w for TCP port 3306 to sg-db (database db)"}},
		"no ingress": {workload: app, port: 3306, change: without(4), missing: &reachability.Missing{"rule",
			"an ingress rule of security group sg-db for TCP port 3306 from sg-w (the workload)"}},
		"ingress from another subnet": {workload: app, port: 3306, change: func(n *reachability.Network) { n.Rules[4].CIDR = "10.0.9.0/24" }, missing: &reachability.Missing{"rule",
			"an ingress rule of security group sg-db for TCP port 3306 from sg-w (the workload)"}},
		"outside every VPC": {port: 3306, missing: &reachability.Missing{"route", "a place in the VPC of database db: the workload is outside every VPC"}},
		"another VPC": {workload: app, port: 3306, change: func(n *reachability.Network) { n.Subnets[0].VPC = "vpc-2" },
			missing: &reachability.Missing{"route", "a route from VPC vpc-2 to VPC vpc-1 of database db"}},
	} {
		t.Run(name, func(t *testing.T) {
			n, d := private(), database
			d.Port = c.port
			if c.change != nil {
				c.change(n)
			}
			require.Equal(t, c.missing, n.Database(c.workload, d))
		})
	}
}

func TestGlueConnection(t *testing.T) {
	for _, n := range []*reachability.Network{private(), public()} {
		message, _ := n.GlueConnection(app)
		require.Empty(t, message)
	}
	for _, c := range []struct {
		change  func(*reachability.Network)
		message string
		missing reachability.Missing
	}{
		{
			func(n *reachability.Network) { n.Endpoints[0].Tables = nil },
			"VPC S3 endpoint validation failed for SubnetId: subnet-app. VPC: vpc-1. Reason: Could not find S3 endpoint or NAT gateway for subnetId: subnet-app in Vpc vpc-1",
			reachability.Missing{"endpoint", "the association of endpoint vpce-s3 for s3 with route table rtb-app of subnet subnet-app"},
		},
		{without(5), "At least one security group must open all egress ports.", reachability.Missing{"rule", "an egress rule of security group sg-w for all TCP ports between its members"}},
		{without(6), "At least one security group must open all ingress ports.", reachability.Missing{"rule", "an ingress rule of security group sg-w for all TCP ports between its members"}},
	} {
		n := private()
		c.change(n)
		message, missing := n.GlueConnection(app)
		require.Equal(t, c.message, message)
		require.Equal(t, c.missing, missing)
	}
}
