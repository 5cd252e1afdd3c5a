package network

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

var natPerZone = rule.Rule{
	ID:       "nat-gateway-per-az",
	Title:    "Every availability zone that uses NAT has its own NAT gateway, in a public subnet",
	Why:      "With one gateway, the failure of its zone disconnects the other zones too.",
	Fix:      "Add an ec2.NatGateway in a public subnet of each availability zone.",
	Sources:  "project",
	Severity: rule.Low,
	Levels:   rule.ProdAdvice,
	Types:    []string{aws.NatGateway, aws.Subnet},
	Stack: func(s rule.Stack) []rule.Finding {
		var gatewaySubnets, privateSubnets []rule.Resource
		findings := s.Each(aws.NatGateway, func(nat rule.Resource) []rule.Finding {
			subnets, findings := vpcgraph.Subnets(s, nat, nat.Get("subnetId"))
			if len(findings) > 0 {
				return findings
			}
			gatewaySubnets = append(gatewaySubnets, subnets...)
			return requirePublic(s, nat, subnets)
		})
		for _, subnet := range s.Of(aws.Subnet) {
			if vpcgraph.HasNAT(s, subnet) {
				privateSubnets = append(privateSubnets, subnet)
			}
		}
		have, _ := vpcgraph.Zones(gatewaySubnets)
		need, unknown := vpcgraph.Zones(privateSubnets)
		if len(gatewaySubnets) > 0 && !unknown && len(have) < len(need) {
			nat := s.Of(aws.NatGateway)[0]
			findings = append(findings, rule.On(nat, rule.Violate(nat.Get("subnetId"), "some availability zones use the NAT gateway of another zone"))...)
		}
		return findings
	},
}

func requirePublic(s rule.Stack, nat rule.Resource, subnets []rule.Resource) []rule.Finding {
	for _, subnet := range subnets {
		if _, _, public := vpcgraph.InternetRoute(s, subnet); public {
			return nil
		}
	}
	return rule.Violate(nat.Get("subnetId"), "the NAT gateway is not in a public subnet of this stack")
}

var eipInUse = rule.Rule{
	ID:       "eip-in-use",
	Title:    "Every Elastic IP address is in use",
	Why:      "An unattached address is billed too.",
	Fix:      "Remove the ec2.Eip, or set AllocationId of a NAT gateway to its ID.",
	Sources:  "SecHub EC2.12; checkov CKV2_AWS_19",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.Eip, aws.NatGateway},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Eip, func(eip rule.Resource) []rule.Finding {
			if !matcher.Missing(eip.Get("instance")) || !matcher.Missing(eip.Get("networkInterface")) {
				return nil
			}
			_, findings := s.RequireReferrer(eip, aws.NatGateway, "allocationId", "the address is not attached")
			return findings
		})
	},
}

var s3GatewayEndpoint = rule.Rule{
	ID:       "vpce-s3-gateway",
	Title:    "Subnets of Glue connections have a gateway endpoint for S3",
	Why:      "Without it, a job in the VPC cannot read its script; through NAT, every byte is billed.",
	Fix:      "Add an ec2.VpcEndpoint for the service s3, with VpcEndpointType Gateway and the subnet's route table in RouteTableIds.",
	Sources:  "project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.VpcEndpoint, aws.GlueConnection, aws.RouteTableAssociation},
	Stack: func(s rule.Stack) []rule.Finding {
		return requireOfConnections(s, hasS3Gateway, "the route table of the subnet has no gateway endpoint for S3")
	},
}

// requireOfConnections reports Glue connections with a subnet that does not hold.
func requireOfConnections(s rule.Stack, holds func(s rule.Stack, subnet rule.Resource) bool, message string) []rule.Finding {
	return s.Each(aws.GlueConnection, func(c rule.Resource) []rule.Finding {
		property := c.Get("physicalConnectionRequirements", "subnetId")
		subnets, findings := vpcgraph.Subnets(s, c, property)
		for _, subnet := range subnets {
			if !holds(s, subnet) {
				return rule.Violate(property, message)
			}
		}
		return findings
	})
}

func hasS3Gateway(s rule.Stack, subnet rule.Resource) bool {
	for _, endpoint := range s.Of(aws.VpcEndpoint) {
		if serviceOf(endpoint) != "s3" || !isGateway(endpoint) {
			continue
		}
		if inMainTable(s, endpoint, subnet) {
			return true
		}
		for _, table := range endpointTables(s, endpoint) {
			for _, subnetTable := range vpcgraph.RouteTables(s, subnet) {
				if subnetTable.URN == table.URN {
					return true
				}
			}
		}
	}
	return false
}

// inMainTable reports whether a subnet uses the main route table of its VPC, and the endpoint is in that table. Programs
// refer to it as the default route table or by an output of the VPC.
func inMainTable(s rule.Stack, endpoint, subnet rule.Resource) bool {
	if len(vpcgraph.RouteTables(s, subnet)) > 0 {
		return false
	}
	if found, _ := s.Referred(endpoint, endpoint.Get("routeTableIds"), aws.DefaultRouteTable); len(found) > 0 {
		return true
	}
	vpcs, _ := s.Referred(subnet, subnet.Get("vpcId"), aws.Vpc)
	return slices.ContainsFunc(endpoint.Get("routeTableIds").Elements(), func(table value.Value) bool {
		return vpcgraph.MainTable(endpoint, table, vpcs)
	})
}

// endpointTables returns the route tables of a gateway endpoint, listed in it or associated separately.
func endpointTables(s rule.Stack, endpoint rule.Resource) []rule.Resource {
	tables, _ := s.Referred(endpoint, endpoint.Get("routeTableIds"), aws.RouteTable)
	associations, _ := s.Referrers(aws.EndpointRouteTable, "vpcEndpointId", endpoint)
	for _, a := range associations {
		found, _ := s.Referred(a, a.Get("routeTableId"), aws.RouteTable)
		tables = append(tables, found...)
	}
	return tables
}

// serviceOf returns the last part of the service's name: com.amazonaws.<region>.s3.
func serviceOf(endpoint rule.Resource) string {
	name, err := endpoint.Get("serviceName").Text()
	if err != nil {
		return ""
	}
	return name[strings.LastIndex(name, ".")+1:]
}

func isGateway(endpoint rule.Resource) bool {
	ok, err := matcher.OneOf("", "Gateway")(endpoint.Get("vpcEndpointType"))
	return ok && err == nil
}

var apiEndpoints = rule.Rule{
	ID:       "vpce-aws-apis",
	Title:    "Subnets of Glue connections reach the AWS APIs that jobs call",
	Why:      "Without NAT or endpoints, a job can neither read its secret nor write its logs, and hangs until it times out.",
	Fix:      "Add an ec2.VpcEndpoint with VpcEndpointType Interface for each of secretsmanager, glue, logs and kms, or a NAT gateway.",
	Sources:  "project; FSBP EC2.10; FSBP EC2.57",
	Severity: rule.Medium,
	Levels:   rule.Advice,
	Types:    []string{aws.VpcEndpoint, aws.GlueConnection, aws.Function, aws.Route, aws.DBInstance, aws.EventTarget, aws.EventRule},
	Stack: func(s rule.Stack) []rule.Finding {
		if s.DatabaseStopped() { // The job does not run.
			return nil
		}
		missing := missingAPIs(s)
		reached := func(s rule.Stack, subnet rule.Resource) bool { return len(missing) == 0 || vpcgraph.HasNAT(s, subnet) }
		return requireOfConnections(s, reached, "the subnet has neither NAT nor endpoints for "+strings.Join(missing, ", "))
	},
}

func missingAPIs(s rule.Stack) []string {
	there := map[string]bool{}
	for _, endpoint := range s.Of(aws.VpcEndpoint) {
		if !isGateway(endpoint) {
			there[serviceOf(endpoint)] = true
		}
	}
	var missing []string
	for _, service := range []string{"secretsmanager", "glue", "logs", "kms"} {
		if !there[service] {
			missing = append(missing, service)
		}
	}
	return missing
}

var endpointPrivateDNS = rule.Rule{
	ID:       "vpce-private-dns-and-sg",
	Title:    "Interface endpoints have private DNS enabled, and allow ingress only from security groups, on port 443",
	Why:      "Without private DNS, clients bypass the endpoint; an open security group lets others use it.",
	Fix:      "Set PrivateDnsEnabled: pulumi.Bool(true), and SecurityGroupIds to a security group with ingress on port 443 from the clients' security groups.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    append(groupTypes(ingress), aws.VpcEndpoint),
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.VpcEndpoint, func(endpoint rule.Resource) []rule.Finding {
			return rule.When(endpoint.Get("vpcEndpointType"), matcher.OneOf("Interface"), func() []rule.Finding {
				property := endpoint.Get("securityGroupIds")
				groups, maybe := s.Referred(endpoint, property, aws.SecurityGroup)
				findings := rule.Require(endpoint.Get("privateDnsEnabled"), matcher.True, "private DNS is off")
				if len(groups) == 0 && !maybe {
					findings = append(findings, rule.Violate(property, "the endpoint has no security group of this stack")...)
				}
				for _, group := range groups {
					for _, p := range permissionsOf(s, group, ingress) {
						onlyHTTPS := func(value.Value) (bool, error) { return p.onlyHTTPS() }
						findings = append(findings, rule.On(p.of, rule.All(requireNoBlock(p), requireNoList(p), rule.Require(p.at, onlyHTTPS, "ingress is not limited to port 443")))...)
					}
				}
				return findings
			})
		})
	},
}
